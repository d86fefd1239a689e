"""Files: every row that a query finds, in the order of the list, block after block.

A file is a list that is read on to its end, in one snapshot. PostgreSQL writes its rows, unless records are
asked for in another shape than their own: then keys come from a cursor, and the texts of a block are fetched
by key as those of a page are. Memory does not grow with the file.

What is wrong with a query is found before the answer begins. A file that breaks off later cannot be taken for
a whole one: servers may end such an answer as any other, so it is the file itself that no program reads
to its end without an error.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import orjson
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from api.copying import Buffer, patience
from api.flat import columns
from api.formats import CSV, GEOJSON, Choice, Format, refuse_unfit
from api.limits import client
from api.parameters import Values
from api.room import Room
from api.selection import is_asked
from api.snapshot import snapshot
from api.state import answer_from, read_state

# Rows that are passed on at a time; the web server holds a dozen such pieces for a client.
BLOCK = 200

# How many are written at once, and how many of these for one address.
AT_ONCE, FOR_ONE = 4, 2

# Seconds for which nothing may be taken of a file before it is broken off.
PATIENCE = 60

CUT = "This file is incomplete: it broke off here."

BYTE_ORDER_MARK = "\ufeff"

ROOM = Room("files", AT_ONCE, FOR_ONE)


@dataclass(frozen=True)
class Provenance:
    """What a file says of itself: the state of the data, and links to its terms.

    `links` are addresses with their relation: `license`, and `cite-as` (RFC 8574), where the words
    stand in which it wants to be cited.
    """

    revision: int
    links: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Frame:
    """What stands before, between and after the rows of a file.

    `end` is given their number. `cut` takes its place when the file breaks off: a text or an object that is
    begun and not closed.
    """

    start: str
    between: str
    end: Callable[[int], str]
    cut: str

    def wrap(self, blocks: Iterator[list[Buffer]]) -> Iterator[bytes]:
        """Yield the file. A block ends without what comes between, so that only the end ends a line."""
        count, between = 0, self.between.encode()
        yield self.start.encode()
        try:
            for texts in blocks:
                yield (between if count else b"") + between.join(texts)
                count += len(texts)
        except Exception:
            if count:
                yield self.cut.encode()
            raise
        yield self.end(count).encode()


def respond(view: Any, request: Request, choice: Choice) -> StreamingHttpResponse:
    """Return the file of all that the query finds in the collection of `view`."""
    # It tells of no state by itself.
    answer_from(read_state())
    stream = _stream(view, request, choice)
    provenance = next(stream)
    if request.method == "HEAD":
        stream.close()
    response = StreamingHttpResponse(stream, content_type=choice.format.content_type)
    label(response, request, choice.format, provenance)
    return response


def alone(view: Any, format_: Format, values: Values, text: str) -> HttpResponse:
    """Return one record in a format of files."""
    if format_.paged:
        return HttpResponse(text, content_type=format_.content_type)
    content = b"".join(_frame(view, format_, values).wrap(iter([[text.encode()]])))
    return HttpResponse(content, content_type=format_.content_type)


def label(
    response: HttpResponseBase,
    request: Request,
    format_: Format,
    provenance: Provenance,
    name: str = "",
) -> None:
    """Give a file its name, in which day and revision stand, and links to its terms.

    It is called by the path that it was asked for, unless a `name` says better what it holds.
    """
    name = name or "-".join(request.path.split("/")[2:]).partition(".")[0]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    response["Content-Disposition"] = (
        f'attachment; filename="dateline-{name}-{day}-r{provenance.revision}.{format_.name}"'
    )
    if provenance.links:
        response["Link"] = ", ".join(
            f'<{request.build_absolute_uri(url)}>; rel="{rel}"' for url, rel in provenance.links
        )


def _stream(view: Any, request: Request, choice: Choice) -> Generator[Any, None, None]:
    """Yield the provenance of a file, and then its pieces."""
    with ROOM.place(client(request._request)), snapshot():
        values = view.parameters.read(request.query_params)
        refuse_unfit(values.given, choice)
        provenance: Provenance = view.provenance(values)
        if request.method == "HEAD":
            yield provenance
            return
        _have_time()
        # What is left of the rows is ended before the transaction, which would wait for it.
        with patience(PATIENCE) as taken, closing(_blocks(view, choice.format, values)) as blocks:
            pieces = _frame(view, choice.format, values).wrap(blocks)
            # The first rows are read before the answer begins: what fails at once is an error as any.
            first = b"".join(islice(pieces, 2))
            yield provenance
            yield first
            for piece in _paced(pieces):
                taken.set()
                yield piece


def _paced(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces such that all files of the process together take no more of it than one would.

    A piece takes longer to make where others are busy, and then they have the longer pause.
    """
    began = time.perf_counter()
    for piece in pieces:
        others = ROOM.at_once - ROOM.left - 1
        time.sleep(others * (time.perf_counter() - began))
        yield piece
        began = time.perf_counter()


def _have_time() -> None:
    """Lift from this transaction the limits of others: it lasts as long as somebody reads."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '0', true), "
            "set_config('idle_in_transaction_session_timeout', '0', true)"
        )


def _blocks(view: Any, format_: Format, values: Values) -> Generator[list[Buffer], None, None]:
    keys, order = view.keys(values), values["sort"]
    if is_asked(values):
        for block in keys.walk(order, BLOCK):
            found = view.texts(format_, block, values)
            yield [found[key].encode() for key in block if key in found]
        return
    with closing(view.copied(format_, keys.ordered(order))) as texts:
        while block := list(islice(texts, BLOCK)):
            yield block


def _frame(view: Any, format_: Format, values: Values) -> Frame:
    if format_ is CSV:
        mark = BYTE_ORDER_MARK if values["bom"] else ""
        head = ",".join(columns(view.row_serializer_class))
        return Frame(f"{mark}{head}\r\n", "\r\n", _line_end("\r\n"), f'\r\n"{CUT}')
    if format_ is GEOJSON:
        start = '{"type":"FeatureCollection","features":['
        return Frame(start, ",", partial(_end_of_features, values.resolved()), "")
    return Frame("", "\n", _line_end("\n"), f'\n{{"incomplete":"{CUT}')


def _line_end(text: str) -> Callable[[int], str]:
    return lambda count: text if count else ""


def _end_of_features(resolved: Any, count: int) -> str:
    rest = {"count": count, "count_relation": "exact", "next": None, "previous": None}
    return "]," + orjson.dumps(rest | {"resolved": resolved}).decode()[1:]
