"""What requests say: their fields, checked and signed. Nothing malformed leaves (rule R32), for a request that Paygate
refuses for its form counts like any other that failed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.computop.account import PaygateAccount
from domain.authorization.ports import AuthorizeRequest, Case, Instrument
from paygate import formats, mac, structured
from paygate.errors import PaygateError
from paygate.fields import Fields, write

_UNSEALED = "Data"  # how a message is named that cannot be put into words at all


class Page(StrEnum):
    """The pages that are asked; the value is the name without its ending."""

    DIRECT = "direct"
    CAPTURE = "capture"
    CREDIT = "credit"
    REVERSE = "reverse"
    INQUIRE = "inquire"
    INQUIRE_BY_CASE = "inquire24"


@dataclass(frozen=True)
class Message:
    """A request to a page, without what every request has (merchant and MAC)."""

    page: Page
    values: Mapping[str, str] = field(repr=False)


class Malformed(Exception):
    """A request would break Paygate's formats and was not sent; `fields` are the names of what is wrong."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def inquiry(case: Case, pay_id: str) -> Message:
    """The question how one payment stands."""
    return Message(Page.INQUIRE, {"PayID": pay_id, "TransID": case.case_reference})


def inquiry_by_case(case: Case) -> Message:
    """The question for the newest payment of a case."""
    return Message(Page.INQUIRE_BY_CASE, {"TransID": case.case_reference})


def following(page: Page, case: Case, pay_id: str, amount_minor: int, reference: str) -> Message:
    """A capture, credit or reversal. It bears the names of the first authorization (rule R28)."""
    return Message(page, {"PayID": pay_id, **_named(case, amount_minor, reference)})


def authorization(request: AuthorizeRequest, scheme_reference: str, *, flagged: bool) -> Message:
    """A hold without the customer present. `flagged`: it says that a stored card is used."""
    values = {
        **_named(request.case, request.amount_minor, request.reference),
        "Capture": "MANUAL",
        "MsgVer": "2.0",
        "card": structured.encode(_card(request.case.instrument)),
        "schemeReferenceID": scheme_reference,
    }
    if flagged:
        values["credentialOnFile"] = structured.encode(structured.CREDENTIAL_FOLLOW_UP)
    return Message(Page.DIRECT, values)


def _named(case: Case, amount_minor: int, reference: str) -> dict[str, str]:
    """What all requests have that change something; the ReqId on each of them (rule R73)."""
    named = {
        "TransID": case.case_reference,
        "RefNr": case.payout_reference,
        "Amount": str(amount_minor),
        "Currency": case.currency,
        "ReqId": reference,
    }
    return {name: value for name, value in named.items() if value}


def _card(instrument: Instrument) -> dict[str, str]:
    named = {"number": instrument.token, "expiryDate": instrument.expires, "brand": instrument.brand}
    return {name: value for name, value in named.items() if value}


def signed(account: PaygateAccount, message: Message) -> str:
    """The plaintext of a message with merchant and MAC. Raises Malformed."""
    values = {"MerchantID": account.merchant_id, **message.values}
    try:
        values["MAC"] = mac.sign_request(Fields(tuple(values.items())), account.mac_password)
        plaintext = write(values.items())
    except PaygateError:
        raise Malformed(tuple(_wrong(message, values)) or (_UNSEALED,)) from None
    if wrong := tuple(_wrong(message, values)):
        raise Malformed(wrong)
    return plaintext


def _wrong(message: Message, values: Mapping[str, str]) -> Iterator[str]:
    """Names of the fields that break their formats."""
    fields = Fields(tuple(values.items()))
    if message.page is not Page.INQUIRE_BY_CASE:
        found = formats.check(formats.Message(message.page.value), fields)
        yield from (one.field for one in found if one.field != mac.FIELD or mac.FIELD in fields)
    elif formats.judge("TransID", fields.get("TransID"), needed=True):
        yield "TransID"
    yield from (name for name, value in values.items() if "&" in value)
