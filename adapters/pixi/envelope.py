"""Reads an answer by local names: row sets, messages, return value, output parameters, scalar, fault.

Tolerant in form (namespaces, order, wrappers vary with the gateway in front), strict in kind: what is no answer to the
method asked is a bad answer, never an empty one.
"""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.pixi.mapping import forbidden_columns
from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.values import Row, RowSet
from adapters.pixi.xml import local, read_xml

_SET = re.compile(r"SqlRowSet\d*", re.IGNORECASE)
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_STREAM = frozenset({"sqlrowset", "sqlmessage", "sqlrowcount", "sqlresultcode", "diffgram"})


@dataclass(frozen=True)
class Message:
    """A message of the database without its text, which may quote data."""

    severity: int
    number: int


@dataclass(frozen=True)
class Fault:
    """A SOAP fault: every code it carries and its text, both lower case. Only `mapping` looks at them."""

    codes: str
    text: str


@dataclass(frozen=True)
class Answer:
    """Everything one answer carries."""

    sets: tuple[RowSet, ...] = ()
    messages: tuple[Message, ...] = ()
    result_code: int = 0
    scalar: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None

    @property
    def data(self) -> RowSet:
        """The first row set, or an empty one."""
        return self.sets[0] if self.sets else RowSet(frozenset(), ())

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.data.rows


def parse(body: bytes, method: str, *, huge: bool = False) -> Answer:
    """The answer to `method`. Raises `Trouble` (bad answer) and nothing else."""
    root = read_xml(body, huge=huge)
    if local(root).lower() != "envelope":
        raise Trouble(Kind.BAD_ANSWER, "no envelope")
    inner = next((child for part in root if local(part).lower() == "body" for child in part), None)
    if inner is None:
        raise Trouble(Kind.BAD_ANSWER, "no body")
    if local(inner).lower() == "fault":
        return Answer(fault=_fault(inner))
    if local(inner).lower() != f"{method}response".lower():
        raise Trouble(Kind.BAD_ANSWER, "an answer to something else")
    return _answer(inner, method)


def _fault(element: etree._Element) -> Fault:
    codes: list[str] = []
    texts: list[str] = []
    for part in element.iter():
        target = codes if local(part).lower() in ("faultcode", "value", "subcode") else texts
        target.append((part.text or "").strip().lower())
    return Fault(" ".join(filter(None, codes)), " ".join(filter(None, texts)))


def _answer(response: etree._Element, method: str) -> Answer:
    results = [child for child in response if local(child).lower() in (f"{method}result".lower(), "result", "return")]
    stream = results[0] if results else response
    parts = [part for part in stream.iter() if local(part).lower() in _STREAM]
    return Answer(
        sets=tuple(_row_set(one, forbidden_columns(method)) for one in _outermost(parts)),
        messages=tuple(_message(one) for one in parts if local(one).lower() == "sqlmessage"),
        result_code=_result_code(parts),
        scalar="" if len(stream) else (stream.text or "").strip(),
        outputs=tuple((local(one), (one.text or "").strip()) for one in response if one not in results),
    )


def _outermost(parts: list[etree._Element]) -> list[etree._Element]:
    """Row sets, and diffgrams that a gateway handed on without one around them."""
    named = [part for part in parts if local(part).lower() == "sqlrowset" and not _is_wrapped(part)]
    return named or [part for part in parts if local(part).lower() == "diffgram"]


def _is_wrapped(part: etree._Element) -> bool:
    return any(local(up).lower() in ("sqlrowset", "diffgram") for up in part.iterancestors())


def _row_set(element: etree._Element, forbidden: frozenset[str]) -> RowSet:
    declared: set[str] = set()
    rows = []
    for part in element.iter():
        name = local(part)
        if name == "row" and (up := part.getparent()) is not None and _SET.fullmatch(local(up)):
            rows.append(Row(_cells(part, forbidden)))
        elif name == "element" and _is_column(part):
            declared.add((part.get("name") or "").lower())
    declared.update(column for row in rows for column in row)
    return RowSet(frozenset(declared - {""} - forbidden), tuple(rows))


def _is_column(part: etree._Element) -> bool:
    """Columns have a simple type, by name or written out; sets and rows have a complex one."""
    return part.get("type") is not None or any(local(child) == "simpleType" for child in part)


def _cells(row: etree._Element, forbidden: frozenset[str]) -> dict[str, str]:
    """The columns of a row; what is forbidden is dropped here and goes nowhere."""
    cells = {}
    for cell in row:
        name = local(cell)
        if name.lower() in forbidden or cell.get(_NIL) in ("true", "1"):
            continue
        inner = "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in cell)
        cells[name] = ((cell.text or "") + inner).strip()
    return cells


def _message(element: etree._Element) -> Message:
    fields = {local(child).lower(): (child.text or "").strip() for child in element}
    return Message(_digits(fields.get("class", "0")), _digits(fields.get("number", "0")))


def _result_code(parts: list[etree._Element]) -> int:
    """The first return value that is not zero: one procedure may answer for several."""
    codes = [_digits(part.text or "0") for part in parts if local(part).lower() == "sqlresultcode"]
    return next((code for code in codes if code != 0), 0)


def _digits(text: str) -> int:
    stripped = text.strip() or "0"
    if not re.fullmatch(r"[+-]?\d{1,12}", stripped, re.ASCII):
        raise Trouble(Kind.BAD_ANSWER, "no number")
    return int(stripped)
