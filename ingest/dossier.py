"""Reading dossiers: YAML into records, with errors that name line, record, key and remedy."""

import types
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml

from ingest.coherence import below, check_records, check_references, suggestion
from ingest.files import Limits, SourceFile
from ingest.mistakes import BadDossier, Places
from ingest.records import Dossier, EventType
from ingest.rows import SHOWN
from ingest.yamls import TEXT, NotYaml, check_tag, entries, is_null, parse, value_of

# A dossier is written by people; all of it is in memory at once.
LIMITS = Limits(size=64 * 1024**2)
# What numbers there are go into: PostgreSQL's integer.
MOST = 2**31 - 1

WORDS = {
    str: "text",
    int: "a whole number",
    list: "a list",
    dict: "a mapping",
    float: "a number",
    bool: "true or false",
    date: 'a day such as "2020-11-20", in quotes',
}


@dataclass(frozen=True)
class Draft:
    """A dossier as far as it could be read: what is wrong has no value, and stands in `places`."""

    file: str
    dossier: Dossier
    places: Places

    def finish(self) -> Dossier:
        """Return the dossier; raise BadDossier if anything is wrong with it."""
        if self.places.mistakes:
            raise BadDossier(self.file, self.places.mistakes)
        return self.dossier


def read_dossier(path: Path) -> Dossier:
    """Return the records of the dossier in `path`, plain, gzip or zip.

    Raises WrongFile, or BadDossier with all mistakes.
    """
    return read_draft(path).finish()


def read_draft(path: Path) -> Draft:
    """Return the dossier in `path` with its mistakes; raise WrongFile, BadDossier for what is none at all."""
    places = Places()
    dossier: Dossier = _read(Dossier, path, places)
    check_records(dossier, places)
    check_references(dossier, places)
    return Draft(path.name, dossier, places)


def read_event_types(path: Path) -> list[EventType]:
    """Return the vocabulary of event types in `path`; raise WrongFile, BadDossier."""
    places = Places()
    types: list[EventType] = _read(list[EventType], path, places)
    if places.mistakes:
        raise BadDossier(path.name, places.mistakes)
    return types


def _read(kind: Any, path: Path, places: Places) -> Any:
    with SourceFile(path, LIMITS).lines() as lines:
        text = "".join(lines)
    builder = _Builder(places)
    try:
        node = parse(text)
        if node is None or is_null(node):
            places.add("", "it is empty; manage.py new_dossier writes one to fill in")
        elif kind is Dossier and isinstance(node, yaml.MappingNode):
            _check_is_dossier(node, places)
    except NotYaml as error:
        places.add("", str(error), error.line)
    if places.mistakes or node is None:
        raise BadDossier(path.name, places.mistakes)
    built = builder.build(kind, node, "")
    if built is None:
        raise BadDossier(path.name, places.mistakes)
    return built


def _check_is_dossier(node: yaml.MappingNode, places: Places) -> None:
    """Note in one sentence a file of another kind, rather than all that it lacks."""
    keys = [key for key, _, _ in entries(node)]
    needed = ("dataset", "sources", "events")
    if keys and not {*needed, "publishers", "places", "actors", "agreements"}.intersection(keys):
        key = f"there is no key {_shown(keys[0])} in one"
        places.add("", f"this is no dossier, which has {', '.join(needed)}: {key}")


# Keys that name a record in a list, and the one by which a code is told from a type.
LABELS = ("id", "code", "scheme")


class _Builder:
    """Makes records of nodes. What is wrong is noted, and stands for nothing: None, or an empty list."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def build(self, kind: Any, node: yaml.Node, where: str) -> Any:
        """Return a node as a value of type `kind`."""
        line = node.start_mark.line + 1
        self.places.lines.setdefault(where, []).append(line)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            inner = next(argument for argument in arguments if argument is not type(None))
            return None if is_null(node) else self.build(inner, node, where)
        try:
            check_tag(node)
            if origin is list:
                return self._list(arguments[0], node, where)
            if origin is dict:
                return self._dict(arguments[1], node, where)
            if is_dataclass(kind):
                return self._record(kind, node, where)
            return self._scalar(kind, node, where)
        except NotYaml as error:
            self.places.add(where, str(error), error.line or line)
        except Refused as error:
            self.places.add(where, str(error), line)
        return [] if origin is list else {} if origin is dict else None

    def _list(self, kind: Any, node: yaml.Node, where: str) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode):
            raise _Wrong(list, node)
        built = [
            self.build(kind, item, below(where, _label(item, number)))
            for number, item in enumerate(node.value, 1)
        ]
        return [item for item in built if item is not None]

    def _dict(self, kind: Any, node: yaml.Node, where: str) -> dict[str, Any]:
        built = {
            key: self.build(kind, value, below(where, key))
            for key, value in self._keys(node, where).items()
        }
        return {key: value for key, value in built.items() if value is not None}

    def _record(self, kind: Any, node: yaml.Node, where: str) -> Any:
        hints = get_type_hints(kind)
        given = self._keys(node, where, hints)
        values = {}
        for item in fields(kind):
            value, here = given.get(item.name), below(where, item.name)
            required = item.default is MISSING and item.default_factory is MISSING
            if value is not None and not is_null(value):
                values[item.name] = self.build(hints[item.name], value, here)
            elif required:
                wanted = _wanted(hints[item.name])
                if value is None:
                    self.places.add(where, f"the key “{item.name}” is missing; write {wanted}")
                else:
                    self.places.add(here, f"nothing is written here; write {wanted}")
                values[item.name] = _nothing(hints[item.name])
        return kind(**values)

    def _keys(
        self, node: yaml.Node, where: str, known: Iterable[str] | None = None
    ) -> dict[str, yaml.Node]:
        """Return the nodes of a mapping by key; note those that stand twice or are not `known`."""
        if not isinstance(node, yaml.MappingNode):
            raise _Wrong(dict, node)
        found: dict[str, yaml.Node] = {}
        for key, at, value in entries(node):
            line = at.start_mark.line + 1
            if known is not None and key not in known:
                hint = suggestion(key, known)
                self.places.add(where, f"there is no key {_shown(key)}{hint}", line)
                continue
            if key in found:
                first = node.start_mark.line + 1
                what = f"key {_shown(key)} stands twice in the mapping at line {first}"
                self.places.add(where, what, line)
            found[key] = value
            self.places.lines.setdefault(below(where, key), [line])
        return found

    def _scalar(self, kind: Any, node: yaml.Node, where: str) -> Any:
        data = value_of(node)
        # YAML reads as a number or day what has no quotes.
        is_bare = not isinstance(data, str | None) and isinstance(node, yaml.ScalarNode)
        if is_bare and (kind is str or (kind is date and isinstance(data, date))):
            raise Refused(f"{_shown(node.value)} should be text; write {_quoted(node, where)}")
        if kind is date:
            return _day(data)
        if kind is float and isinstance(data, int) and not isinstance(data, bool):
            data = float(data)
        if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
            raise _Wrong(kind, node)
        if kind is int and abs(data) > MOST:
            raise Refused(f"{_shown(data)} is not between -{MOST:,} and {MOST:,}")
        self.places.texts[where] = str(data)
        return data


class Refused(ValueError):
    """What stands there cannot be taken; a sentence."""


class _Wrong(Refused):
    """Something else stands there than what should."""

    def __init__(self, kind: type, node: yaml.Node) -> None:
        super().__init__(f"{_written(node)} should be {WORDS[kind]}")


def _written(node: yaml.Node) -> str:
    """Return what stands there, in quotes; of a list or mapping only that it is one."""
    if isinstance(node, yaml.ScalarNode):
        return _shown(value_of(node))
    return _shown(value_of(node)) if not node.value else f"this {_noun(node)}"


def _quoted(node: yaml.Node, where: str) -> str:
    """Return what stands there as text, with its key: date: "2031-05-04"."""
    key = where.rpartition(" > ")[2]
    return f'"{node.value}"' if not key or key.isdecimal() else f'{key}: "{node.value}"'


def _noun(node: yaml.Node) -> str:
    return "list" if isinstance(node, yaml.SequenceNode) else "mapping"


def _day(data: Any) -> date:
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError):
        raise Refused(f'{_shown(data)} is no day; write "2020-11-20", in quotes') from None


def _shown(data: Any) -> str:
    """Return what stands there in quotes, on one line and not all of a long text."""
    try:
        text = " ".join(str(data).split())
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        text = "a very long number"
    return f"“{text[:SHOWN]}{'…' * (len(text) > SHOWN)}”"


def _wanted(kind: Any) -> str:
    """Return what a key takes, in words."""
    kind = get_origin(kind) or kind
    return WORDS.get(kind, WORDS[dict]).partition(",")[0]


def _nothing(kind: Any) -> Any:
    origin = get_origin(kind)
    return origin() if origin in (list, dict) else None


def _label(item: yaml.Node, number: int) -> str:
    """Return what a record in a list goes by: its id, or else its number."""
    if isinstance(item, yaml.MappingNode):
        named = {
            key.value: value.value
            for key, value in item.value
            if key.value in LABELS and value.tag == TEXT
        }
        if "scheme" not in named and (name := named.get("id") or named.get("code")):
            return str(name)
    return str(number)
