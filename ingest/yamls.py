"""YAML that people write, as nodes that know their line, and what is wrong with it in plain words."""

import re
from typing import Any

import yaml

from ingest.rows import SHOWN

STANDARD = "tag:yaml.org,2002:"
TEXT = f"{STANDARD}str"
ORDINARY = {
    f"{STANDARD}{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
}

# What the parser says, as it names it, and what most likely has to be done.
REMEDIES = {
    "mapping values are not allowed here": "text that holds a colon has to stand in quotes, and keys of one "
    "record begin in one column",
    "could not find expected ':'": "a key ends in a colon and a blank; text that goes on needs quotes, or >- "
    "after the key and a deeper indentation",
    "expected <block end>": "this line begins farther left or right than those it belongs with",
    "'\\t'": "indent with blanks, not tabs",
    "that cannot start any token": "text that begins so has to stand in quotes",
    "undefined alias": "text that begins with * or & has to stand in quotes",
    "unexpected end of stream": "a quotation mark or bracket is opened before, and never closed",
    "expected ',' or": "a bracket is not closed, or a comma is missing between two keys",
}  # fmt: skip

# What it says when a quotation mark was not closed, lines after the one where it stands.
LATE = ("<scalar>", "end of stream", "unknown escape")


class NotYaml(ValueError):
    """A text that is no YAML, or a value that is none; `line` is where, if that is known."""

    def __init__(self, what: object, line: int | None = None) -> None:
        super().__init__(f"this is not YAML: {what}")
        self.line = line


class _Loader(yaml.SafeLoader):
    """Makes values of nodes; reads no text of its own."""


def parse(text: str) -> yaml.Node | None:
    """Return the node of a text, None of an empty one; raise NotYaml."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = " ".join(str(error.problem).split())
        if any(said in problem for said in LATE) and (opened := _unclosed(text, line)):
            raise NotYaml(
                "a quotation mark is opened on this line, and not closed", opened
            ) from error
        remedy = next((words for said, words in REMEDIES.items() if said in problem), None)
        raise NotYaml(f"{problem}; {remedy}" if remedy else problem, line) from error
    except yaml.reader.ReaderError as error:
        # Its own words are of two lines.
        line = text[: error.position].count("\n") + 1
        what = f"the character U+{ord(text[error.position]):04X} may not be in it"
        raise NotYaml(what, line) from error
    # A list in a list in a list.
    except (yaml.YAMLError, RecursionError) as error:
        raise NotYaml(error) from error


def _unclosed(text: str, last: int | None) -> int | None:
    """Return the first line with an odd number of quotation marks, which close on one as people write."""
    for number, line in enumerate(text.splitlines()[:last], 1):
        bare = line.replace('\\"', "")
        notes = (at.start() for at in re.finditer(r"(^|\s)#", bare))
        end = next((at for at in notes if bare[:at].count('"') % 2 == 0), None)
        if bare[:end].count('"') % 2:
            return number
    return None


def is_null(node: yaml.Node) -> bool:
    """Return whether nothing is written there: an empty place, `null` or `~`."""
    return bool(node.tag == f"{STANDARD}null")


def entries(node: yaml.MappingNode) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """Return the keys of a mapping as text, with their nodes and those of the values; raise NotYaml."""
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise NotYaml("a list or mapping stands in the place of a key", key.start_mark.line + 1)
    _Loader("").flatten_mapping(node)
    return [(str(value_of(key)), key, value) for key, value in node.value]


def value_of(node: yaml.Node) -> Any:
    """Return what a node says; raise NotYaml."""
    if node.tag == TEXT and isinstance(node, yaml.ScalarNode):
        return node.value
    line = node.start_mark.line + 1
    try:
        value = _Loader("").construct_object(node, deep=True)
    except yaml.MarkedYAMLError as error:
        raise NotYaml(" ".join(str(error.problem).split()), line) from error
    # A day that no calendar has, a number of more than 4,300 digits.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        written = f"“{str(node.value)[:SHOWN]}”: " if isinstance(node, yaml.ScalarNode) else ""
        what, _, _ = str(error).partition(";")
        raise NotYaml(f"{written}{what}; put it in quotes", line) from error
    return value


def check_tag(node: yaml.Node) -> None:
    """Raise NotYaml for a tag of no ordinary YAML."""
    if node.tag not in ORDINARY:
        raise NotYaml(f"the tag “{node.tag[:SHOWN]}” is unknown", node.start_mark.line + 1)
