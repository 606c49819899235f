"""The file of orders to take over: what is read, which line is faulty, and when the whole file is refused."""

import json

import pytest

from cli.order_file import FaultyLine, OrderLine, UnreadableFile, read_order_file
from domain.taking_over import LINES, Known

BOM = b"\xef\xbb\xbf"


def read(text: str) -> tuple[list[OrderLine], list[FaultyLine]]:
    return read_order_file(text.encode())


@pytest.mark.parametrize("start", [b"", BOM])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", [",", ";"])
def test_a_csv_file_in_any_of_its_forms(start: bytes, end: str, between: str) -> None:
    """Comma or semicolon, with or without BOM, either end of line: the same orders."""
    rows = [("order_no", "payment_id", "note"), ("100001", "s-pay-1", "Grüße"), ("100002", "", "")]
    data = start + end.join(between.join(row) for row in rows).encode()
    lines, faults = read_order_file(data)
    assert faults == []
    assert lines == [OrderLine(2, "100001", "s-pay-1", note="Grüße"), OrderLine(3, "100002")]


def test_what_the_former_app_knows() -> None:
    """Documents separated by spaces or |, `-` for none of them; whose lock it is."""
    lines, _ = read("order_no;captured;refunded;lock\n1;R1|R2;G1 lines;payment\n2;-;;other\n3\n")
    assert [one.known for one in lines] == [
        Known(frozenset({"R1", "R2"}), frozenset({"G1", LINES}), True),
        Known(frozenset(), None, False),
        Known(),
    ]


def test_german_headings() -> None:
    """As a merchant's spreadsheet may name them, whatever the case."""
    lines, _ = read("Bestellnummer;Zahlungs-ID;Sperre\n1;s-pay-1;Zahlung\n")
    assert lines == [OrderLine(2, "1", "s-pay-1", Known(lock_is_payments=True))]


def test_quotes_empty_lines_and_mixed_ends() -> None:
    """Line numbers are those of the file, also behind a field of several lines."""
    text = '\r\norder_no,note\r\n\n1,"one, ""two""\nthree"\n\r\n  \n"2",x\r\n'
    lines, faults = read(text)
    assert faults == []
    assert [(one.number, one.order_no, one.note) for one in lines] == [(4, "1", 'one, "two"\nthree'), (8, "2", "x")]


def test_json_lines() -> None:
    """One object per line; numbers and lists are understood."""
    text = '{"order_no": 1, "refunded": ["G1"], "captured": []}\n\n{"order_no": "2", "lock": "other", "note": null}\r\n'
    lines, faults = read(text)
    assert faults == []
    assert lines == [
        OrderLine(1, "1", known=Known(frozenset(), frozenset({"G1"}))),
        OrderLine(3, "2", known=Known(lock_is_payments=False)),
    ]


@pytest.mark.parametrize(
    ("text", "number", "says"),
    [
        ("order_no,note\n,x\n1,\n", 2, "no order number"),
        ("order_no\n1\n1\n", 3, "line 2 already"),
        ("order_no\n1\n2 3\n", 3, "one order per line"),
        (f"order_no\n1\n{'9' * 51}\n", 3, "no order number"),
        ("order_no,lock\n1,\n2,mine\n", 3, "payment, other or empty"),
        ("order_no,note\n1,\n2,a,b\n", 3, "put quotes"),
        ('{"order_no": "1"}\n{"order_no": }\n', 2, "one object per line"),
        ('{"order_no": "1"}\n[1]\n', 2, "one object per line"),
        ('{"order_no": "1"}\n{"order_no": "2", "colour": 1}\n', 2, "unknown fields colour"),
    ],
)
def test_a_faulty_line_is_told_and_the_others_are_read(text: str, number: int, says: str) -> None:
    """Its number and what to do; the order on the other line is there."""
    lines, faults = read(text)
    assert [one.order_no for one in lines] == ["1"]
    assert [one.number for one in faults] == [number]
    assert says in faults[0].what


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (BOM + b"\r\n \n", "empty"),
        ("order_no\n1\nGrüße\n".encode("latin-1"), "line 3 is not UTF-8"),
        ("order_no\n1\n".encode("utf-16"), "not UTF-8"),
        (b"1\n2\n", "no column order_no"),
        (b"order_no,colour\n1,red\n", "unknown columns colour"),
        (b"order_no,order_no\n1,2\n", "twice"),
        (b"order_no,bestellnummer\n1,2\n", "twice"),
        (b'order_no,note\n1,"open\n2,x\n', "check its quotes"),
        (b'order_no,note\n1,"a"b\n', "check its quotes"),
        (b'[{"order_no": 1}]', "one object per line"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole(data: bytes, says: str) -> None:
    """Nothing of it is read; the sentence says what to do."""
    with pytest.raises(UnreadableFile, match=says):
        read_order_file(data)


def test_ten_thousand_lines() -> None:
    """A large file is read at once, duplicates found."""
    text = "order_no\n" + "".join(f"{number}\n" for number in range(10_000)) + "17\n"
    lines, faults = read(text)
    assert (len(lines), [one.number for one in faults]) == (10_000, [10_002])
    jsonl = "".join(json.dumps({"order_no": str(number)}) + "\n" for number in range(10_000))
    assert len(read(jsonl)[0]) == 10_000
