"""A YAML document from an untrusted hand: bounded in size and depth, with the line and column of every value."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from mediawatch.errors import TopicError

MAX_CHARACTERS = 200_000
MAX_DEPTH = 8

Path = tuple[str | int, ...]


_NO_ALIASES = 'anchors (&) and aliases (*) are refused; repeat the value, or quote a text that begins so: "*word"'


@dataclass(frozen=True)
class Document:
    """Plain values (dict, list, str, int, float, bool, None) and `marks`: path to (line, column), both from 1."""

    name: str
    value: Any
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def position(self, path: Iterable[str | int]) -> tuple[int, int]:
        """Line and column of the value at `path`, or of the nearest one around it."""
        steps = tuple(path)
        while steps and steps not in self.marks:
            steps = steps[:-1]
        return self.marks.get(steps, (1, 1))

    def error(self, path: Path, message: str) -> TopicError:
        """A TopicError that points at the value at `path`, or at the nearest one around it."""
        line, column = self.position(path)
        return TopicError(f"{self.name}, line {line}, column {column}: {message}")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases, without deep nesting, and with numbers and true/false as the only magic."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own shape)
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(None, None, _NO_ALIASES, event.start_mark)
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?\d{1,9}$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?\d{1,9}\.\d{1,9}$"), list("-0123456789"))

_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:bool": "true".__eq__,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


def read_document(source: str, name: str) -> Document:
    """Read YAML text; TopicError if it is no YAML, too large, too deep, or uses aliases, tags or a key twice."""
    document = Document(name, None)
    if len(source) > MAX_CHARACTERS:
        raise document.error((), f"longer than {MAX_CHARACTERS:,} characters; split the topic")
    try:
        root = _Loader(source).get_single_node()
    except yaml.MarkedYAMLError as error:
        _mark(document, (), error.problem_mark)
        raise document.error((), _advised(str(error.problem))) from None
    except yaml.YAMLError as error:
        raise document.error((), f"not a YAML text: {error}") from None
    if root is None:
        raise document.error((), "the file is empty; start with `id:`, `title:` and `definition:`")
    return Document(name, _build(root, (), document), document.marks)


def _advised(problem: str) -> str:
    """PyYAML's words, with what to do where they do not say it."""
    if "cannot start any token" in problem:
        return f"{problem}; put quotes around the text"
    if "expected ',' or '}'" in problem or "expected ',' or ']'" in problem:
        return f"{problem}; a bracket is open, or a text with commas or quotes inside needs quotes around it"
    return problem


def _mark(document: Document, path: Path, mark: yaml.Mark | None) -> None:
    if mark is not None:
        document.marks[path] = (mark.line + 1, mark.column + 1)


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    _mark(document, path, node.start_mark)
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        return _build_mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        return [_build(item, (*path, index), document) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        return _SCALARS[node.tag](node.value)
    raise document.error(path, f"the tag {node.tag} is not allowed; write the plain value")


def _build_mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[Hashable, Any]:
    values: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        _mark(document, (*path, key), key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise document.error((*path, key), "a key must be a plain word")
        if key in values:
            raise document.error((*path, key), f"{key!r} is written twice; merge the two")
        values[key] = _build(value_node, (*path, key), document)
    return values
