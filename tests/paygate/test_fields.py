"""Plaintext pairs: what may be written, what is read, and names in any case."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.errors import PaygateError, Refusal
from paygate.fields import read, write
from tests.paygate import vectors
from tests.paygate.texts import LATIN

NAMES = st.text(st.characters(max_codepoint=0xFF, exclude_characters="&="), min_size=1).filter(
    lambda name: name.lower() != "refnr"
)
VALUES = st.text(st.characters(max_codepoint=0xFF, exclude_characters="&"))


@given(st.lists(st.tuples(NAMES, VALUES), min_size=1, unique_by=lambda pair: pair[0].lower()))
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    """Names, values and their order survive, and each name finds its value in any case."""
    fields = read(write(pairs))
    assert fields.pairs == tuple(pairs)
    assert fields.doubled == ()
    for name, value in pairs:
        assert name in fields
        assert fields.get(name) == fields.get(name.lower()) == value


def test_values_are_taken_as_they_are() -> None:
    """Only the first equals sign separates, a plus is a plus, nothing is unescaped, unknown names stay."""
    fields = read("card=eyJhIjoxfQ==&OrderDesc=a+b%20c&&New=1&Flag&transid=0007")
    assert fields.get("Card") == "eyJhIjoxfQ=="
    assert fields.get("orderdesc") == "a+b%20c"
    assert (fields.get("new"), fields.get("Flag", "none"), fields.get("absent", "none")) == ("1", "", "none")
    assert "Flag" in fields
    assert "absent" not in fields


@pytest.mark.rule("R74")
def test_ids_and_codes_keep_their_zeros() -> None:
    """What looks like a number is a text: payment, order and code come out as they went in."""
    fields = read(write([("PayID", "0" * 31 + "1"), ("TransID", "000123"), ("Code", "00000000")]))
    assert [fields.get(name) for name in ("PayID", "TransID", "Code")] == ["0" * 31 + "1", "000123", "00000000"]


def test_the_first_of_several_values_counts() -> None:
    """A check and whoever acts on it see the same value; the contradiction is told, a mere repetition is not."""
    fields = read("Amount=1&amount=100&Currency=EUR&CURRENCY=EUR")
    assert fields.get("AMOUNT") == "1"
    assert fields.doubled == ("amount",)


def test_the_known_capture_is_read() -> None:
    """A whole message, with its MAC at the end."""
    fields = read(vectors.CAPTURE)
    assert [name for name, _ in fields.pairs] == [
        "MerchantID",
        "PayID",
        "TransID",
        "Amount",
        "Currency",
        "FinishAuth",
        "MAC",
    ]
    assert write(fields.pairs) == vectors.CAPTURE


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("OrderDesc", "a&Amount=1")], Refusal.FIELD_VALUE),
        ([("RefNr", "Müller")], Refusal.FIELD_VALUE),
        ([("refnr", "Müller")], Refusal.FIELD_VALUE),
        ([("OrderDesc", "10 €")], Refusal.CHARACTERS),
        ([("Ł", "1")], Refusal.CHARACTERS),
        ([("", "1")], Refusal.FIELD_NAME),
        ([("A=B", "1")], Refusal.FIELD_NAME),
        ([("A&B", "1")], Refusal.FIELD_NAME),
        ([("Amount", "1"), ("amount", "1")], Refusal.FIELD_TWICE),
        ([], Refusal.NO_FIELDS),
    ],
)
def test_what_would_be_misread_is_not_written(pairs: list[tuple[str, str]], code: Refusal) -> None:
    """Each fault has its code, and the sentence names the field but not its value."""
    with pytest.raises(PaygateError) as refused:
        write(pairs)
    assert refused.value.code is code
    assert "Müller" not in refused.value.sentence


@pytest.mark.parametrize("text", ["", "&&&", "noise", "=1", "a&b"])
def test_noise_holds_no_field(text: str) -> None:
    """Text without a single pair is what a wrong password leaves behind."""
    with pytest.raises(PaygateError) as refused:
        read(text)
    assert refused.value.code is Refusal.NO_FIELDS


def test_values_do_not_show_in_a_repr() -> None:
    """A card inside a message does not reach a log by accident."""
    assert repr(read("PayID=1&card=4111")) == "Fields(PayID, card)"


@given(st.one_of(st.text(), LATIN, st.text("&=ab")))
def test_reading_refuses_or_reads(text: str) -> None:
    """Any text: no other error, and what was read can be asked for."""
    with suppress(PaygateError):
        fields = read(text)
        assert all(name in fields for name, _ in fields.pairs)
