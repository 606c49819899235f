"""Formats of fields: the notations, the table of messages, and the code of each violation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.codes import Wrong
from paygate.errors import PaygateError, Refusal
from paygate.fields import Fields, read
from paygate.formats import Message, check, finishes, judge, notation
from paygate.merchants import check_merchant_id, is_merchant_id
from paygate.structured import CREDENTIAL_FOLLOW_UP, encode
from tests.paygate import vectors
from tests.paygate.texts import MERCHANTS

COMPLETE = {
    "MerchantID": vectors.MERCHANT,
    "PayID": vectors.PAY_ID,
    "TransID": vectors.TRANS_ID,
    "RefNr": "INV-1001",
    "Amount": "4000",
    "Currency": "EUR",
    "MAC": vectors.CAPTURE_MAC,
    "ReqId": "a" * 32,
    "MsgVer": "2.0",
    "card": encode({"number": "1"}),
    "credentialOnFile": encode(CREDENTIAL_FOLLOW_UP),
    "OrderDesc": "Schöne Grüße",
}
NEEDED = {
    Message.DIRECT: {"MerchantID", "TransID", "Amount", "Currency", "MAC", "MsgVer", "card"},
    Message.CAPTURE: {"MerchantID", "PayID", "TransID", "Amount", "Currency", "MAC"},
    Message.CREDIT: {"MerchantID", "PayID", "TransID", "Amount", "Currency", "MAC"},
    Message.REVERSE: {"MerchantID", "PayID", "TransID", "Amount", "Currency", "MAC"},
    Message.CANCELAUTH: {"MerchantID", "PayID", "TransID", "MAC"},
    Message.INQUIRE: {"MerchantID", "PayID", "TransID", "MAC"},
}


def fields(**changes: str | None) -> Fields:
    """The complete message with fields changed, or taken out (None)."""
    return Fields(tuple((name, value) for name, value in (COMPLETE | changes).items() if value is not None))


@pytest.mark.parametrize(
    ("text", "value", "wrong"),
    [
        ("a3", "EUR", None),
        ("a3", "EU1", Wrong.FORMAT),
        ("a3", "ÄÖÜ", Wrong.FORMAT),
        ("a3", "EU", Wrong.TOO_SHORT),
        ("a3", "EURO", Wrong.TOO_LONG),
        ("n..10", "0123456789", None),
        ("n..10", "01234567890", Wrong.TOO_LONG),
        ("n..10", "12.34", Wrong.FORMAT),
        ("n..10", "-1", Wrong.FORMAT),
        ("n..10", "٣", Wrong.FORMAT),
        ("an32", "0" * 31, Wrong.TOO_SHORT),
        ("an32", "0" * 33, Wrong.TOO_LONG),
        ("an32", "-" * 33, Wrong.FORMAT),
        ("ans..64", "Nr. 1/2, «Grüße»", None),
        ("ans..64", "€", Wrong.FORMAT),
        ("ans..64", "a\nb", Wrong.FORMAT),
        ("ans..64", "a\x85b", Wrong.FORMAT),
        ("ans..64", "x" * 65, Wrong.TOO_LONG),
    ],
)
def test_notations(text: str, value: str, wrong: Wrong | None) -> None:
    """Letters, digits and special characters, then a length; characters are judged before the length."""
    assert notation(text).wrong(value) is wrong


@pytest.mark.parametrize("text", ["", "..10", "x3", "na3", "a", "a..", "n10..", "n٣"])
def test_a_mistaken_notation_is_refused(text: str) -> None:
    """A typing error in the table does not allow everything."""
    with pytest.raises(PaygateError) as refused:
        notation(text)
    assert refused.value.code is Refusal.FORMAT_NOTATION


@pytest.mark.parametrize("message", Message)
def test_each_message_has_its_mandatory_fields(message: Message) -> None:
    """Exactly the mandatory fields are missed, in a fixed order, an empty value like none."""
    assert check(message, fields()) == ()
    missing = check(message, Fields((("New", "1"),)))
    assert {violation.field for violation in missing} == NEEDED[message]
    assert {violation.wrong for violation in missing} == {Wrong.MISSING}
    assert check(message, Fields(tuple((name, "") for name in COMPLETE))) == missing


def test_the_known_capture_is_right() -> None:
    """With FinishAuth, and in other letters of its names."""
    assert check(Message.CAPTURE, read(vectors.CAPTURE)) == ()
    assert check(Message.CAPTURE, read(vectors.CAPTURE.replace("PayID", "payID"))) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Amount": None}, "40100005"),
        ({"Amount": "40,00"}, "40110005"),
        ({"Amount": "12345678901"}, "40140005"),
        ({"PayID": "0" * 31}, "40130002"),
        ({"PayID": "0" * 33}, "40140002"),
        ({"Currency": "E1R"}, "40110006"),
        ({"Currency": "EURO"}, "40140006"),
        ({"TransID": "x" * 65}, "40140003"),
        ({"RefNr": "Müller"}, "40110004"),
        ({"RefNr": "x" * 31}, "40140004"),
        ({"MerchantID": "../other"}, "40110001"),
        ({"ReqId": "a" * 33}, "40140008"),
        ({"FinishAuth": "J"}, "40160010"),
        ({"FinishAuth": "YES"}, "40140010"),
    ],
)
def test_each_violation_has_the_code_of_its_family(changes: dict[str, str | None], code: str) -> None:
    """Missing, format, too short, too long, unknown value; the last four digits name the field."""
    found = check(Message.CAPTURE, fields(**changes))
    assert [str(violation.code) for violation in found] == [code]
    assert found[0].field in found[0].sentence
    assert all(value not in found[0].sentence for value in changes.values() if value and len(value) > 1)


@pytest.mark.parametrize("value", ["eyJ", "[]", encode({})[:-1] + "!"])
def test_structured_fields_must_be_structured(value: str) -> None:
    """A card that cannot be decoded is a format error before anything is sent on."""
    assert [str(one.code) for one in check(Message.DIRECT, fields(card=value))] == ["40110014"]


def test_a_field_with_two_values_has_no_form() -> None:
    """Nobody can tell which of them was meant; where the message does not have the field, it does not matter."""
    doubled = Fields((*fields().pairs, ("amount", "1")))
    assert [str(one.code) for one in check(Message.CAPTURE, doubled)] == ["40110005"]
    assert check(Message.INQUIRE, doubled) == ()


def test_fields_of_other_messages_and_unknown_ones_are_left_alone() -> None:
    """New parameters may come at any time."""
    assert check(Message.INQUIRE, fields(Amount="?", FinishAuth="?", NewField="\n")) == ()


def test_finishing_is_said_by_a_letter() -> None:
    """Y in either case; an N and an empty value go on."""
    assert [finishes(value) for value in ("Y", "y", "N", "", "X")] == [True, True, False, False, False]
    assert check(Message.CAPTURE, fields(FinishAuth="N")) == ()


def test_a_field_without_a_rule_is_a_mistake() -> None:
    """Asked for by name, it is not silently right."""
    with pytest.raises(PaygateError) as refused:
        judge("Amonut", "1", needed=True)
    assert refused.value.code is Refusal.FIELD_NAME


@given(st.sampled_from(Message), st.lists(st.tuples(st.sampled_from([*COMPLETE, "Capture"]), st.text())))
def test_any_values_are_judged(message: Message, pairs: list[tuple[str, str]]) -> None:
    """No value, however odd, raises; each violation has a code."""
    for violation in check(message, Fields(tuple(pairs))):
        assert str(violation.code).startswith("401")


@given(MERCHANTS)
def test_a_merchant_id_is_safe_in_file_names(text: str) -> None:
    """What is accepted neither leaves its folder nor breaks a line of a file."""
    assert check_merchant_id(text) == text
    assert not set(text) & set('/\\:*?"<>|,;&=%\0\r\n ')
    assert not text.startswith(".")


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../x", "a/b", "a\\b", "a,b", "a b", "-a", "ä", "a\n", "x" * 31, "a:b", "a*b", "a\0"]
)
def test_other_merchant_ids_are_refused(text: str) -> None:
    """Paths, separators of messages and files, spaces, letters beyond ASCII."""
    assert not is_merchant_id(text)
    with pytest.raises(PaygateError) as refused:
        check_merchant_id(text)
    assert refused.value.code is Refusal.MERCHANT_ID
