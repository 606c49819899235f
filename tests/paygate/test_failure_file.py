"""The failure file: its name, its ten fields whatever its texts contain, and the same fields for a mail."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygate.errors import PaygateError, Refusal
from paygate.failure_file import (
    Attempt,
    Failure,
    Unreadable,
    fields_of,
    file_name,
    read_failures,
    read_file_name,
    write_line,
)
from tests.paygate.texts import CODES, CURRENCIES, MERCHANTS, PAY_IDS, PRINTABLE, REF_NRS, TRANS_IDS
from tests.paygate.vectors import PAY_ID

KNOWN = Failure(Attempt.RENEWAL, 6000, "EUR", "order-1001", "INV-1001", PAY_ID, "21000305", "declined")
KNOWN_LINE = f"CC,Renewal,6000,EUR,order-1001,INV-1001,{PAY_ID},FAILED,21000305,declined\r\n".encode()
FAILURES = st.builds(
    Failure,
    st.sampled_from(Attempt),
    st.integers(0, 10**10 - 1),
    CURRENCIES,
    TRANS_IDS,
    REF_NRS,
    PAY_IDS,
    CODES,
    st.text(st.sampled_from(PRINTABLE)),
)
# texts with everything that could break a line or a field somewhere
HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from(",\r\n\x0b\x0c\x1c\x85\u2028\u2029€\x00\ud800")))


@pytest.mark.rule("R53")
@pytest.mark.parametrize(("action", "word"), [(Attempt.RENEWAL, b"Renewal"), (Attempt.SPLITTING, b"Splitting")])
def test_the_known_line(action: Attempt, word: bytes) -> None:
    """Ten fields, the second tells what failed."""
    failure, line = replace(KNOWN, action=action), KNOWN_LINE.replace(b"Renewal", word)
    assert write_line(failure) == line
    assert list(read_failures(line)) == [failure]


@pytest.mark.rule("R53")
@settings(deadline=None)  # many texts per example: on a busy machine one takes its time
@given(st.lists(FAILURES))
def test_what_is_written_is_read(failures: list[Failure]) -> None:
    """A file is its lines one behind the other, so it can be written line by line."""
    assert list(read_failures(b"".join(map(write_line, failures)))) == failures


@pytest.mark.rule("R53")
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_a_failure_is_one_line_of_ten_fields(trans_id: str, ref_nr: str, description: str, status: str) -> None:
    """Whatever a text contains, for any reader: what could end a field or a line is a blank."""
    failure = replace(KNOWN, trans_id=trans_id, ref_nr=ref_nr, description=description, status=status)
    line = write_line(failure)
    assert line.endswith(b"\r\n")
    text = line[:-2].decode("iso-8859-1")
    assert text.count(",") == 9
    assert text.splitlines() == [text]
    (read,) = read_failures(line)
    assert isinstance(read, Failure)
    assert (read.pay_id, read.amount_minor, read.action, read.code) == (PAY_ID, 6000, Attempt.RENEWAL, "21000305")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("declined, call the bank", "declined  call the bank"),
        ("two\r\nlines", "two  lines"),
        ("Kartenprüfung", "Kartenprüfung"),
        ("Kartenpru\u0308fung", "Kartenprüfung"),
        ("10 € zu viel", "10 ? zu viel"),
        ("a\x85b\x00c", "a b c"),
    ],
)
def test_descriptions_are_made_harmless(text: str, written: str) -> None:
    """Commas and ends of lines are blanks, umlauts stay, what ISO-8859-1 lacks is a question mark."""
    assert fields_of(replace(KNOWN, description=text))[-1] == written


@pytest.mark.rule("R74")
def test_ids_and_codes_keep_their_zeros() -> None:
    """Only the amount is a number."""
    failure = replace(KNOWN, trans_id="0001", ref_nr="007", pay_id="0" * 32, code="00000305")
    assert list(read_failures(write_line(failure))) == [failure]


def test_a_foreign_file_is_read() -> None:
    """LF or CRLF, a head and a foot, commas in the description, no description, blank lines, a byte order mark."""
    line = KNOWN_LINE.rstrip()
    content = b"\xef\xbb\xbfHEAD,x\r\n" + line + b", sorry, no\n\n" + line.removesuffix(b",declined") + b"\r\nFOOT,2,1"
    assert list(read_failures(content)) == [
        replace(KNOWN, description="declined, sorry, no"),
        replace(KNOWN, description=""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"noise",
        KNOWN_LINE.replace(b"Renewal", b"Capture"),
        KNOWN_LINE.replace(b"6000", b"60.00"),
        KNOWN_LINE.replace(b"6000", b"9" * 5000),
        KNOWN_LINE.replace(b",FAILED,21000305,declined", b""),
    ],
)
def test_a_line_that_cannot_be_read_does_not_hide_the_others(line: bytes) -> None:
    """It is told by its number."""
    assert list(read_failures(KNOWN_LINE + line.rstrip() + b"\n" + KNOWN_LINE)) == [KNOWN, Unreadable(2), KNOWN]


@given(st.one_of(st.binary(), st.lists(st.sampled_from([KNOWN_LINE, b"CC,Renewal,", b"1,", b"\n"])).map(b"".join)))
def test_any_bytes_are_read(content: bytes) -> None:
    """Nothing raises."""
    for found in read_failures(content):
        assert isinstance(found, Failure | Unreadable)


def test_the_known_name() -> None:
    """F, the day, the merchant."""
    assert file_name(date(2026, 12, 1), "test_merchant") == "F20261201test_merchant.dat"
    assert read_file_name("F20261201test_merchant.dat") == (date(2026, 12, 1), "test_merchant")


@given(st.dates(), MERCHANTS)
def test_names_are_read_as_written(day: date, merchant: str) -> None:
    """One file per merchant and day, whatever digits the merchant begins with."""
    assert read_file_name(file_name(day, merchant)) == (day, merchant)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", Refusal.FILE_NAME),
        ("F20261301shop.dat", Refusal.FILE_NAME),
        ("f20261201shop.dat", Refusal.FILE_NAME),
        ("F20261201.dat", Refusal.FILE_NAME),
        ("F20261201shop.dat\n", Refusal.FILE_NAME),
        ("F20261201../shop.dat", Refusal.MERCHANT_ID),
    ],
)
def test_other_names_are_refused(name: str, code: Refusal) -> None:
    """Another folder's files, days that do not exist, paths."""
    with pytest.raises(PaygateError) as refused:
        read_file_name(name)
    assert refused.value.code is code


@given(st.text())
def test_any_name_is_read_or_refused(name: str) -> None:
    """No other error."""
    with suppress(PaygateError):
        assert file_name(*read_file_name(name)) == name
