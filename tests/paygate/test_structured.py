"""Structured values: compact JSON in base64, there and back."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygate.errors import PaygateError, Refusal
from paygate.structured import CREDENTIAL_FOLLOW_UP, CREDENTIAL_INITIAL, decode, encode, is_follow_up

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.text())
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=5)
OBJECTS = st.dictionaries(st.text(), VALUES)

INITIAL = "eyJ0eXBlIjp7InVuc2NoZWR1bGVkIjoiQ0lUIn0sImluaXRpYWxQYXltZW50Ijp0cnVlfQ=="
FOLLOW_UP = "eyJ0eXBlIjp7InVuc2NoZWR1bGVkIjoiTUlUIn0sImluaXRpYWxQYXltZW50IjpmYWxzZX0="


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_known_credentials() -> None:
    """The first authorization and a later one, as the platform wants them, with and without padding."""
    assert encode(CREDENTIAL_INITIAL) == INITIAL
    assert encode(CREDENTIAL_FOLLOW_UP) == FOLLOW_UP
    assert decode(INITIAL) == CREDENTIAL_INITIAL
    assert decode(FOLLOW_UP.rstrip("=")) == CREDENTIAL_FOLLOW_UP


@settings(deadline=None)  # many texts per example: on a busy machine one takes its time
@given(OBJECTS)
def test_what_is_encoded_is_decoded(value: dict[str, object]) -> None:
    """Text of any script survives, and the field needs neither an escape nor a character beyond ASCII."""
    text = encode(value)
    assert decode(text) == value
    assert text.isascii()
    assert "&" not in text


@pytest.mark.parametrize(
    ("credential", "follow_up"),
    [
        (CREDENTIAL_INITIAL, False),
        (CREDENTIAL_FOLLOW_UP, True),
        ({"type": {"recurring": {"recurringFrequency": 30}}, "initialPayment": False}, True),
        ({"type": {"recurring": {"recurringFrequency": 30}}, "initialPayment": True}, False),
        ({"type": "MIT"}, False),
        ({}, False),
    ],
)
def test_a_follow_up_is_told_from_a_first_payment(credential: dict[str, object], follow_up: bool) -> None:
    """Without the customer, either once or in a series."""
    assert is_follow_up(credential) is follow_up


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!!",
        "ä",
        coded("[1]"),
        coded("1"),
        coded("{"),
        coded('{"a":NaN}'),
        coded("[" * 100_000),
        coded('{"a":' * 100_000),
        coded('{"a":' + "9" * 5000 + "}"),
        base64.b64encode(b'{"a":"\xff"}').decode(),
        '{"a":1}',
    ],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    """However deep or large it is."""
    with pytest.raises(PaygateError) as refused:
        decode(text)
    assert refused.value.code is Refusal.STRUCTURED


@pytest.mark.parametrize("value", [{"a": object()}, {"a": float("nan")}, {"a": {1, 2}}, {("a", "b"): 1}])
def test_what_json_cannot_say_is_refused(value: dict[str, object]) -> None:
    """A mistake of ours shows as the package's own error too."""
    with pytest.raises(PaygateError) as refused:
        encode(value)
    assert refused.value.code is Refusal.STRUCTURED


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_decoding_refuses_or_decodes(text: str) -> None:
    """Any text: no other error."""
    with suppress(PaygateError):
        assert decode(encode(decode(text))) == decode(text)
