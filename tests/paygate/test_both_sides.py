"""A whole request and a whole notification, from the side that writes them to the side that reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate import mac
from paygate.codes import Code
from paygate.envelope import Key, Scheme, open_fields, seal
from paygate.errors import PaygateError
from paygate.fields import Fields, read, write
from paygate.formats import Message, check, finishes
from paygate.structured import CREDENTIAL_FOLLOW_UP, decode, encode, is_follow_up
from tests.paygate import vectors
from tests.paygate.texts import CODES, CURRENCIES, MERCHANTS, PAY_IDS, REF_NRS, TRANS_IDS

KEYS = st.sampled_from([Key.of(Scheme.BLOWFISH, vectors.BLOWFISH_PASSWORD), Key.of(Scheme.AES, vectors.AES_PASSWORD)])


def signed(pairs: list[tuple[str, str]], *, answer: bool = False) -> Fields:
    """The fields with their MAC behind them."""
    fields = Fields(tuple(pairs))
    own = mac.sign_response if answer else mac.sign_request
    return Fields((*fields.pairs, (mac.FIELD, own(fields, vectors.MAC_PASSWORD))))


@given(MERCHANTS, PAY_IDS, TRANS_IDS, REF_NRS, st.integers(0, 10**10 - 1), CURRENCIES, st.booleans(), KEYS)
def test_a_capture_arrives_as_it_was_sent(
    merchant: str, pay_id: str, trans_id: str, ref_nr: str, amount: int, currency: str, last: bool, key: Key
) -> None:
    """Written, signed, sealed, posted, opened, found genuine and right in its format, in this order of sides."""
    pairs = [
        ("MerchantID", merchant),
        ("PayID", pay_id),
        ("TransID", trans_id),
        ("RefNr", ref_nr),
        ("Amount", str(amount)),
        ("Currency", currency),
        *([("FinishAuth", "Y")] if last else []),
    ]
    form = seal(write(signed(pairs).pairs), key).form(merchant)
    received = open_fields(read("&".join(f"{name}={value}" for name, value in form.items())), key)
    assert mac.request_is_genuine(received, vectors.MAC_PASSWORD)
    assert check(Message.CAPTURE, received) == ()
    assert list(received.pairs[:-1]) == pairs
    assert finishes(received.get("FinishAuth")) is last


@given(MERCHANTS, PAY_IDS, TRANS_IDS, CODES, st.sampled_from(["OK", "FAILED", "AUTHORIZED"]), KEYS)
def test_a_notification_arrives_as_it_was_sent(
    merchant: str, pay_id: str, trans_id: str, code: str, status: str, key: Key
) -> None:
    """The other direction, under the same key."""
    pairs = [("MID", merchant), ("PayID", pay_id), ("TransID", trans_id), ("Status", status), ("Code", code)]
    body = seal(write(signed(pairs, answer=True).pairs), key).body()
    received = open_fields(read(body), key)
    assert mac.response_is_genuine(received, vectors.MAC_PASSWORD)
    assert Code(received.get("code")).text == code


def test_a_follow_up_carries_its_structured_values() -> None:
    """Base64 with its equals signs passes through the pairs and both ciphers."""
    key = Key.of(Scheme.AES, vectors.AES_PASSWORD)
    text = write([("credentialOnFile", encode(CREDENTIAL_FOLLOW_UP)), ("card", encode({"number": "0400000000001"}))])
    received = open_fields(read(seal(text, key).body()), key)
    assert is_follow_up(decode(received.get("credentialonfile")))
    assert decode(received.get("CARD")) == {"number": "0400000000001"}


@pytest.mark.parametrize("scheme", Scheme)
def test_a_message_under_another_key_is_never_genuine(scheme: Scheme) -> None:
    """Opened with a wrong password a message is refused, or it is noise without its MAC."""
    key, other = (Key(scheme, letter * 16) for letter in (b"a", b"b"))
    sealed = seal(vectors.CAPTURE, key)
    try:
        received = open_fields(read(sealed.body()), other)
    except PaygateError:
        return
    assert not mac.request_is_genuine(received, vectors.MAC_PASSWORD)
