"""Batch files: the frame refuses the whole file, a wrong record fails alone, and what is written is read."""

import time
import tracemalloc
from contextlib import suppress
from datetime import date
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygate.batch import Head, open_batch, write_batch
from paygate.batch_records import Action, BadRecord, Record, Version
from paygate.errors import FileRefused, PaygateError, Refusal
from tests.paygate.texts import MERCHANTS, records
from tests.paygate.vectors import PAY_ID

SHOP = "test_merchant"
HEAD = f"HEAD,{SHOP},20261201,1.4"
CAPTURE = f"CC,Capture,4000,EUR,order-1001,INV-1001,{PAY_ID}"


def framed(*lines: str, count: int | None = None, total: int = 0, version: str = "1.4", end: str = "\r\n") -> bytes:
    """A file of these records with a foot over their sum."""
    head = f"HEAD,{SHOP},20261201,{version}"
    foot = f"FOOT,{len(lines) if count is None else count},{total}"
    return "".join(f"{line}{end}" for line in (head, *lines, foot)).encode("iso-8859-1")


def read_one(line: str, total: int, version: str = "1.4") -> Record | BadRecord:
    """The only record of a file, between two good ones that are not disturbed by it."""
    content = framed(CAPTURE, line, CAPTURE, total=8000 + total, version=version)
    first, middle, last = open_batch(content, SHOP).records()
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert (first.number, middle.number, last.number) == (1, 2, 3)
    return middle


@settings(deadline=None)  # many texts per example: on a busy machine one takes its time
@given(st.sampled_from(Version).flatmap(lambda version: st.tuples(st.just(version), records(version))), MERCHANTS)
def test_what_is_written_is_read(file: tuple[Version, list[Record]], merchant: str) -> None:
    """Both versions, every printable character, any MerchantID: the same records with the same numbers."""
    version, given_records = file
    head = Head(merchant, date(2026, 12, 1), version)
    batch = open_batch(b"".join(write_batch(head, given_records)), merchant)
    assert (batch.head, batch.foot.count) == (head, len(given_records))
    assert batch.foot.sum_minor == sum(record.amount_minor for record in given_records)
    assert list(batch.records()) == given_records
    assert list(batch.records()) == given_records  # as often as needed


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("line", "version", "finishes"),
    [
        (f"{CAPTURE},Y", "1.4", True),
        (f"{CAPTURE},N", "1.4", False),
        (f"{CAPTURE},", "1.4", False),
        (CAPTURE, "1.4", False),
        (CAPTURE, "1.2", False),
    ],
)
def test_a_capture_says_in_its_last_field_that_it_is_the_last(line: str, version: str, finishes: bool) -> None:
    """Y in version 1.4 ends the renewal; N, nothing and a missing field do not."""
    record = read_one(line, 4000, version)
    assert isinstance(record, Record)
    assert (record.action, record.finish_auth) == (Action.CAPTURE, finishes)


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("line", "version", "code"),
    [
        (f"{CAPTURE},Y", "1.2", "40190010"),
        (f"{CAPTURE},", "1.2", "40190010"),
        (f"{CAPTURE},y", "1.4", "40160010"),
        (f"{CAPTURE},J", "1.4", "40160010"),
        (CAPTURE.replace("Capture", "Credit") + ",Y", "1.4", "40190010"),
        (CAPTURE.replace("Capture", "Reverse") + ",Y", "1.4", "40190010"),
    ],
)
def test_a_last_field_that_does_not_belong_there_fails_its_record(line: str, version: str, code: str) -> None:
    """Whoever wanted to end a renewal must not believe that it ended; the payment is known where it can be."""
    record = read_one(line, 4000, version)
    assert isinstance(record, BadRecord)
    assert str(record.code) == code
    assert record.pay_id == ("" if line[-1] in "yJ" else PAY_ID)


@pytest.mark.rule("R74")
def test_references_keep_their_zeros() -> None:
    """Only the amount is a number."""
    record = read_one(f"CC,Credit,0050,EUR,000123,007,{'0' * 32}", 50)
    assert record == Record(2, Action.CREDIT, 50, "EUR", "000123", "007", "0" * 32)


@pytest.mark.parametrize(
    ("line", "counted", "code", "action", "pay_id"),
    [
        (CAPTURE.replace("4000", "40.00"), 0, "40110005", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("4000", "-4000"), 0, "40110005", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("4000", ""), 0, "40100005", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("4000", "12345678901"), 12345678901, "40140005", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("4000", "9" * 5000), 0, "40140005", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("EUR", "EURO"), 4000, "40140006", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("EUR", "E1"), 4000, "40110006", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("EUR", ""), 4000, "40100006", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("INV-1001", "INV,1001"), 4000, "40160010", Action.CAPTURE, ""),
        (CAPTURE.replace("INV-1001", "INV,1001") + ",Y", 4000, "40110099", Action.CAPTURE, ""),
        (CAPTURE.replace("Capture", "Credit").replace("INV-1001", "I,1"), 4000, "40110099", Action.CREDIT, ""),
        (CAPTURE.replace("INV-1001", "Müller"), 4000, "40110004", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("order-1001", ""), 4000, "40100003", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("order-1001", "a\tb"), 4000, "40110003", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace(PAY_ID, PAY_ID[:-1]), 4000, "40130002", Action.CAPTURE, ""),
        (CAPTURE.replace("Capture", "Sale"), 4000, "40160091", None, PAY_ID),
        (CAPTURE.replace("Capture", "capture"), 4000, "40160091", None, PAY_ID),
        (CAPTURE.removeprefix("CC,"), 4000, "40160090", None, ""),
        (CAPTURE.removeprefix("CC"), 4000, "40100090", Action.CAPTURE, PAY_ID),
        (CAPTURE.replace("CC", "EDD"), 4000, "40160090", Action.CAPTURE, PAY_ID),
        (CAPTURE.rpartition(",")[0], 4000, "40100002", Action.CAPTURE, ""),
        ("CC,Reverse", 0, "40100005", Action.REVERSE, ""),
        ("CC", 0, "40100091", None, ""),
        ("FOOTBALL", 0, "40160090", None, ""),
        ('CC,Capture,4000,EUR,"a,b",INV,' + PAY_ID, 4000, "40160010", Action.CAPTURE, ""),
    ],
)
def test_a_wrong_record_fails_alone(line: str, counted: int, code: str, action: Action | None, pay_id: str) -> None:
    """Its neighbours go on; it keeps number and line, its code names the field, its sentence quotes nothing of it."""
    record = read_one(line, counted)
    assert isinstance(record, BadRecord)
    assert (record.line, str(record.code), record.action, record.pay_id) == (3, code, action, pay_id)
    assert record.sentence.endswith(".")
    assert not any(value in record.sentence for value in ("order-1001", "INV", "Müller", PAY_ID[:-1], "4000"))


def test_a_capture_of_nothing_is_a_record() -> None:
    """Zero ends the renewal elsewhere; the format knows it. A currency is read in either case."""
    record = read_one(CAPTURE.replace("4000", "0").replace("EUR", "eur"), 0)
    assert isinstance(record, Record)
    assert (record.amount_minor, record.currency, record.ref_nr) == (0, "EUR", "INV-1001")


@pytest.mark.parametrize(
    ("content", "code", "line", "expected"),
    [
        (b"", Refusal.FILE_HEAD, 1, "empty"),
        (b"\r\n \r\n", Refusal.FILE_HEAD, 1, "empty"),
        (f"{CAPTURE}\r\nFOOT,1,4000".encode(), Refusal.FILE_HEAD, 1, HEAD.replace("20261201", "YYYYMMDD")),
        (f"HEAD,{SHOP},20261301,1.4\nFOOT,0,0".encode(), Refusal.FILE_HEAD, 1, "YYYYMMDD"),
        (f"HEAD,{SHOP},20261201\nFOOT,0,0".encode(), Refusal.FILE_HEAD, 1, "YYYYMMDD"),
        (f"HEAD,{SHOP},20261201,1.3\nFOOT,0,0".encode(), Refusal.FILE_VERSION, 1, "1.2 or 1.4"),
        (b"HEAD,other,20261201,1.4\nFOOT,0,0", Refusal.FILE_MERCHANT, 1, SHOP),
        (f"{HEAD}\n{CAPTURE}\n".encode(), Refusal.FILE_FOOT, 3, "FOOT,1,4000"),
        (f"{HEAD}\n{CAPTURE}\nFOOT,1".encode(), Refusal.FILE_FOOT, 3, "FOOT,1,4000"),
        (f"{HEAD}\n{CAPTURE}\nFOOT,1,40.00".encode(), Refusal.FILE_FOOT, 3, "FOOT,1,4000"),
        (f"{HEAD}\n{CAPTURE}\nFOOT,1,{'4' * 5000}".encode(), Refusal.FILE_FOOT, 3, "FOOT,1,4000"),
        (f"{HEAD}\n{CAPTURE}\nFOOT,1,4000\n{CAPTURE}".encode(), Refusal.FILE_FOOT, 4, "nothing behind"),
        (f"{HEAD}\n{HEAD}\nFOOT,0,0".encode(), Refusal.FILE_HEAD, 2, "one HEAD line"),
        (framed(CAPTURE, CAPTURE, count=3, total=8000), Refusal.FILE_COUNT, 4, "count 2"),
        (framed(CAPTURE, CAPTURE, total=8001), Refusal.FILE_SUM, 4, "sum 8000"),
        (framed(CAPTURE, CAPTURE.replace("4000", "4,00"), total=8000), Refusal.FILE_SUM, 4, "sum 4004"),
        (framed(CAPTURE, total=4000).decode().encode("utf-16"), Refusal.FILE_HEAD, 1, "HEAD"),
        (framed(CAPTURE, total=4000, end="\r"), Refusal.FILE_HEAD, 1, "HEAD"),
    ],
)
def test_a_wrong_frame_refuses_the_file(content: bytes, code: Refusal, line: int, expected: str) -> None:
    """Before any record is seen; the line and what belongs there are named."""
    with pytest.raises(FileRefused) as refused:
        open_batch(content, SHOP)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert expected in refused.value.expected
    assert f"Line {line}" in refused.value.sentence


def test_a_merchant_whose_id_is_no_id_has_no_files() -> None:
    """Even if both sides agree on it: it would become a part of file names."""
    with pytest.raises(FileRefused) as refused:
        open_batch(b"HEAD,../x,20261201,1.4\nFOOT,0,0", "../x")
    assert refused.value.code is Refusal.FILE_MERCHANT


@pytest.mark.parametrize(
    "content",
    [
        framed(CAPTURE, CAPTURE, total=8000),
        framed(CAPTURE, CAPTURE, total=8000, end="\n"),
        framed(CAPTURE, CAPTURE, total=8000).rstrip(),
        framed(CAPTURE, CAPTURE, total=8000) + b"\r\n\r\n",
        framed(CAPTURE, CAPTURE, total=8000, end="\r\r\n"),
        b"\xef\xbb\xbf" + framed(CAPTURE, CAPTURE, total=8000),
        f"{HEAD}\r\n{CAPTURE}\n\n{CAPTURE}\r\nFOOT,2,8000\n".encode(),
    ],
)
def test_ends_of_lines_do_not_matter(content: bytes) -> None:
    """CRLF, LF, mixed, doubled by a transfer, blank lines, none at the end, a byte order mark."""
    found = list(open_batch(content, SHOP).records())
    assert [record.number for record in found] == [1, 2]
    assert all(isinstance(record, Record) for record in found)


def test_text_is_latin_unless_it_is_marked() -> None:
    """A byte order mark says UTF-8; bytes that are none are then still read one by one."""
    plain = framed(CAPTURE.replace("order-1001", "Nr. 1 Grün"), total=4000)
    for content in (plain, b"\xef\xbb\xbf" + plain, b"\xef\xbb\xbf" + plain.decode("iso-8859-1").encode()):
        (record,) = open_batch(content, SHOP).records()
        assert isinstance(record, Record)
        assert record.trans_id == "Nr. 1 Grün"


def test_a_character_beyond_latin_fails_its_record() -> None:
    """A marked file may hold what the message formats cannot say."""
    content = b"\xef\xbb\xbf" + framed(CAPTURE, total=4000).replace(b"order", "€".encode())
    (record,) = open_batch(content, SHOP).records()
    assert isinstance(record, BadRecord)
    assert str(record.code) == "40110003"


@pytest.mark.parametrize(
    ("record", "version"),
    [
        (Record(1, Action.CAPTURE, 1, "EUR", "a,b", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "EUR", "a", "b,Y", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "EUR", "a\nFOOT", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "EUR", "a", "ä", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "EUR", "€", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, -1, "EUR", "a", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 10**10, "EUR", "a", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "eur", "a", "", PAY_ID), Version.V1_4),
        (Record(1, Action.CAPTURE, 1, "EUR", "a", "", PAY_ID, finish_auth=True), Version.V1_2),
        (Record(1, Action.CREDIT, 1, "EUR", "a", "", PAY_ID, finish_auth=True), Version.V1_4),
    ],
)
def test_what_would_be_misread_is_not_written(record: Record, version: Version) -> None:
    """A reference cannot smuggle in a field or a line."""
    with pytest.raises(PaygateError) as refused:
        list(write_batch(Head(SHOP, date(2026, 12, 1), version), [record]))
    assert refused.value.code is Refusal.FILE_RECORD


LARGE = 100_000


def large(count: int) -> bytes:
    """A file of many captures."""
    body = "".join(f"CC,Capture,{number},EUR,order-{number},INV-{number},{number:032}\r\n" for number in range(count))
    return f"{HEAD}\r\n{body}FOOT,{count},{sum(range(count))}\r\n".encode()


def test_a_large_file_is_read_without_copies() -> None:
    """The records come one at a time, and hardly anything is held beside the bytes, however many lines there are."""
    content = large(LARGE // 5)
    tracemalloc.start()
    try:
        batch = open_batch(content, SHOP)
        good = sum(isinstance(record, Record) for record in batch.records())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (good, batch.foot.count) == (LARGE // 5, LARGE // 5)
    assert peak < 200_000 < len(content) // 5


def test_the_time_grows_with_the_lines() -> None:
    """A hundred thousand lines take about ten times as long as ten thousand, with room for a busy machine."""

    def seconds(content: bytes) -> float:
        began = time.process_time()
        batch = open_batch(content, SHOP)
        assert sum(isinstance(record, Record) for record in batch.records()) == batch.foot.count
        return time.process_time() - began

    small, big = large(LARGE // 10), large(LARGE)
    assert seconds(big) < 40 * max(min(seconds(small) for _ in range(3)), 0.01)


def test_records_are_read_when_they_are_asked_for() -> None:
    """The first record of a file is there before the last one is looked at."""
    batch = open_batch(large(1000), SHOP)
    assert [record.number for record in islice(batch.records(), 3)] == [1, 2, 3]


PIECES = st.sampled_from(
    [HEAD, CAPTURE, f"{CAPTURE},Y", "FOOT,1,4000", "FOOT,0,0", "CC,Capture,", "HEAD", "FOOT", ",", "\n", "\r\n", "4000"]
)


@given(st.one_of(st.binary(), st.lists(PIECES).map(lambda parts: "\n".join(parts).encode())))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """No other error, neither for the frame nor for a record."""
    with suppress(FileRefused):
        batch = open_batch(content, SHOP)
        assert len(list(batch.records())) == batch.foot.count


@given(st.lists(st.one_of(st.binary(), st.text().map(str.encode)).filter(lambda line: b"\n" not in line)))
def test_any_record_is_read_or_fails(lines: list[bytes]) -> None:
    """Inside a right frame nothing that a line holds stops the file."""
    kept = [b"x" + line.rstrip(b"\r") for line in lines]
    amounts = [line.split(b",", 3)[2:3] for line in kept]
    total = sum(int(field[0]) for field in amounts if field and field[0].isdigit() and len(field[0]) <= 18)
    content = b"\n".join([HEAD.encode(), *kept, f"FOOT,{len(kept)},{total}".encode()])
    assert len(list(open_batch(content, SHOP).records())) == len(kept)
