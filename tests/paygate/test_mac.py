"""The MAC: known values, either case, and nothing that passes without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate import mac
from paygate.errors import PaygateError, Refusal
from paygate.fields import read
from tests.paygate import vectors


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("*order-1001*test_merchant*10000*EUR", vectors.FIRST_AUTHORIZATION_MAC),
        (f"{vectors.PAY_ID}*order-1001*test_merchant*4000*EUR", vectors.CAPTURE_MAC),
        (f"{vectors.PAY_ID}*order-1001*test_merchant**", vectors.INQUIRE_MAC),
        (f"{vectors.PAY_ID}*order-1001*test_merchant*AUTHORIZED*00000000", vectors.RESPONSE_MAC),
    ],
)
def test_known_macs(text: str, known: str) -> None:
    """The digits are written in capitals."""
    assert mac.sign(text, vectors.MAC_PASSWORD) == known


def test_missing_values_leave_their_asterisks() -> None:
    """A first authorization has no payment yet, an inquiry no amount."""
    assert (
        mac.request_string("", "order-1001", "test_merchant", "10000", "EUR") == "*order-1001*test_merchant*10000*EUR"
    )
    assert mac.request_string("p", "t", "m", "", "") == "p*t*m**"
    assert mac.response_string("p", "t", "m", "OK", "00000000") == "p*t*m*OK*00000000"


@pytest.mark.parametrize("letters", [str.upper, str.lower])
def test_a_request_is_recognized_in_either_case(letters: object) -> None:
    """Both kinds of digits are seen."""
    text = vectors.CAPTURE.replace(vectors.CAPTURE_MAC, letters(vectors.CAPTURE_MAC))  # type: ignore[operator]
    assert mac.request_is_genuine(read(text), vectors.MAC_PASSWORD)


def test_a_notification_is_recognized_by_its_mid() -> None:
    """The merchant's name in it is MID, not MerchantID."""
    text = f"mid={vectors.MERCHANT}&PayID={vectors.PAY_ID}&TransID={vectors.TRANS_ID}&Status=AUTHORIZED&Code=00000000"
    assert mac.response_is_genuine(read(f"{text}&MAC={vectors.RESPONSE_MAC}"), vectors.MAC_PASSWORD)
    assert not mac.response_is_genuine(read(text), vectors.MAC_PASSWORD)


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("Amount=4000", "Amount=4001"),
        ("TransID=order-1001", "TransID=order-1002"),
        (f"&MAC={vectors.CAPTURE_MAC}", ""),
        (vectors.CAPTURE_MAC, vectors.CAPTURE_MAC[:-1]),
        (vectors.CAPTURE_MAC, vectors.CAPTURE_MAC + "0"),
        (vectors.CAPTURE_MAC, vectors.CAPTURE_MAC.replace("FF", "ﬀ")),
        ("Amount=4000", "Amount=9999&Amount=4000"),
    ],
)
def test_a_changed_request_is_not_genuine(what: str, other: str) -> None:
    """One character of a signed value, or of the MAC, is enough; of a doubled field the value that counts is signed."""
    assert not mac.request_is_genuine(read(vectors.CAPTURE.replace(what, other)), vectors.MAC_PASSWORD)


def test_another_password_makes_another_mac() -> None:
    """The password of the wrong merchant does not pass."""
    assert not mac.request_is_genuine(read(vectors.CAPTURE), "another password")


@pytest.mark.parametrize(
    ("text", "password", "code"),
    [
        ("a", "", Refusal.KEY_LENGTH),
        ("a", "Ł", Refusal.KEY_CHARACTERS),
        ("Ł", "a", Refusal.CHARACTERS),
    ],
)
def test_what_cannot_be_signed_is_refused(text: str, password: str, code: Refusal) -> None:
    """An empty password would sign for everybody."""
    with pytest.raises(PaygateError) as refused:
        mac.sign(text, password)
    assert refused.value.code is code
    assert "Ł" not in refused.value.sentence


@given(st.text(), st.text())
def test_comparing_takes_any_text(one: str, other: str) -> None:
    """A MAC from outside may be anything."""
    assert mac.same(one, one)
    assert mac.same(one, other) is mac.same(other, one)
