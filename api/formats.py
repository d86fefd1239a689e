"""In which format an answer is given: by suffix, by `format`, or by what the client accepts.

A resource lists its formats, JSON first. A suffix and `format` beat the header `Accept`, which many
clients set without meaning it. CSV and NDJSON are files and hold every row that the query finds; so is
GeoJSON that is asked for by name, while a client that merely accepts it gets a page, as with JSON.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request

from api.accept import is_refused, preferred
from api.lists import PAGING
from api.parameters import Parameter, Word
from api.problems import InvalidParameters, ParameterError
from api.refusals import Refused
from api.renderers import JsonRenderer

# JSON of records with keys left out or briefs made whole: no longer what the schema of a record says.
SELECTION = "application/vnd.dateline.selection+json"


@dataclass(frozen=True)
class Format:
    """A format of answers; `name` is its suffix, and what `format` calls it.

    `bodies`: it holds records as JSON has them, whose keys can be chosen. `paged`: it can hold a page.
    """

    name: str
    media_type: str
    charset: str = ""
    bodies: bool = False
    paged: bool = False
    accepted_as: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        return self.media_type + self.charset


# Browsers get JSON, too.
JSON = Format(
    "json", "application/json", bodies=True, paged=True, accepted_as=(SELECTION, "text/html")
)
GEOJSON = Format("geojson", "application/geo+json", paged=True)
CSV = Format("csv", "text/csv", "; charset=utf-8")
NDJSON = Format(
    "ndjson",
    "application/x-ndjson",
    "; charset=utf-8",
    bodies=True,
    accepted_as=("application/ndjson", "application/jsonl"),
)


@dataclass(frozen=True)
class Choice:
    """The format of an answer, and whether it is a file."""

    format: Format
    file: bool


class FormatParameter(Word):
    """The name of a format."""

    def __init__(
        self, formats: Sequence[Format], files: str = "hold every row that is found"
    ) -> None:
        self.formats, self.files = formats, files
        super().__init__(
            [format_.name for format_ in formats],
            help_text="Format of the answer; beats the header `Accept`, and a suffix of the path "
            f"(`.csv`) does the same. Files (all but `json`) {files}.",
            example="json",
        )
        self.meanings = {format_.name: format_.media_type for format_ in formats}


class ByteOrderMark(Parameter):
    """Whether a CSV file begins with a byte order mark."""

    # Shown only: without a CSV file it says nothing.
    type_schema = {"type": "boolean", "examples": [True]}

    def __init__(self) -> None:
        super().__init__(
            help_text="`true` begins a CSV file with a byte order mark, by which older versions of "
            "Excel know UTF-8.",
            example=None,
        )

    def read(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise Refused("unknown_value", "`bom` is true or false.", ["true", "false"])
        return text == "true"


class InFormats:
    """A view that answers in `formats`, and chooses which; DRF writes what it renders as JSON, errors above all."""

    formats: ClassVar[tuple[Format, ...]] = (JSON,)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return JsonRenderer(), JSON.media_type

    @property
    def default_response_headers(self) -> dict[str, str]:
        # Not `Allow`, which is told to those who ask for it.
        return {"Vary": "Accept"} if len(self.formats) > 1 else {}


def choose(formats: Sequence[Format], request: Request, suffix: str | None) -> Choice:
    """Return the format to answer in; raise what is wrong with the way it was asked for."""
    known = {format_.name: format_ for format_ in formats}
    if suffix is not None and suffix not in known:
        offered = ", ".join(f".{name}" for name in known)
        raise Http404(
            f"There is no .{suffix} here; what there is ends in {offered}, or in nothing."
        )
    texts = request.query_params.getlist("format")
    asked = texts[0] if texts else None
    # What is unknown or given twice is refused with all that is wrong in the query.
    if suffix and asked in known and asked != suffix and len(texts) == 1:
        detail = f"The path asks for {suffix}, `format` for another; leave one of them out."
        raise InvalidParameters([ParameterError("format", asked, "contradiction", detail)])
    if name := suffix or asked:
        format_ = known.get(name, JSON)
        return Choice(format_, file=format_ is not JSON)
    format_ = _accepted(formats, request)
    return Choice(format_, file=not format_.paged)


def _accepted(formats: Sequence[Format], request: Request) -> Format:
    found = _preferred(tuple(formats), request._request.headers.get("Accept"))
    if found is None:
        offered = ", ".join(format_.media_type for format_ in formats)
        raise NotAcceptable(
            f"None of the formats in `Accept` is offered here; these are: {offered}."
        )
    return found


# Clients say the same again and again.
@lru_cache(1_000)
def _preferred(formats: tuple[Format, ...], accept: str | None) -> Format | None:
    request = HttpRequest()
    if accept is not None:
        request.META["HTTP_ACCEPT"] = accept
    by_type = {
        media_type: format_
        for format_ in formats
        if not is_refused(request, format_.media_type)
        for media_type in (format_.media_type, *format_.accepted_as)
    }
    found = preferred(request, list(by_type))
    return None if found is None else by_type[found]


def refuse_unfit(given: Set[str], choice: Choice) -> None:
    """Raise InvalidParameters when parameters were `given` that say nothing in this format."""
    if errors := list(_unfit(given, choice)):
        raise InvalidParameters(errors)


def _unfit(given: Set[str], choice: Choice) -> Iterator[ParameterError]:
    name = choice.format.name
    if choice.file:
        for parameter in given & {*PAGING, "page_size"}:
            yield _not_for(
                parameter,
                f"A {name} file holds every row; leave `{parameter}` out, or ask for json.",
            )
    if not choice.format.bodies:
        for parameter in given & {"fields", "omit", "include"}:
            yield _not_for(
                parameter, f"The columns of {name} are fixed; `{parameter}` is for json and ndjson."
            )
    if "bom" in given and choice.format is not CSV:
        yield _not_for("bom", "`bom` is for csv.")


def _not_for(parameter: str, detail: str) -> ParameterError:
    return ParameterError(parameter, None, "not_for_format", detail)
