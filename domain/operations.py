"""Operations: every effect outside, with an id derived from business facts.

The id is `{workflow id}/{operation}/{subject}/{attempt}`. What a provider gets as key or reference is derived from the
id, so a retry, a reset and a second worker send the same one.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

KEY_BITS_PER_CHARACTER = 5
TAG_LENGTH = 8


class Kind(StrEnum):
    """What an operation does outside."""

    AUTHORIZE = "authorize"  # hold the open amount of an authorization anew
    CAPTURE = "capture"
    VOID = "void"  # give back what is still held, or no longer claim what is still owed
    REFUND = "refund"  # give an amount back: claim it no longer where it is still owed, else pay it back
    REPORT_SHIPMENT = "report_shipment"  # tell the provider that the goods are out
    WRITE_BANK_DATA = "write_bank_data"  # where the customer transfers to, into the ERP order, with its comment
    RELEASE = "release"  # release the ERP order, locked or not, with its comment
    LOCK = "lock"
    UNLOCK = "unlock"
    BOOK = "book"  # booking event for an invoice or credit note in the ERP customer account, with its comment
    COMMENT = "comment"
    MAIL = "mail"
    DELIVER = "deliver"  # put a failure file into the merchant's folder


MONEY = frozenset({Kind.CAPTURE, Kind.VOID, Kind.REFUND})
ERP = frozenset({Kind.WRITE_BANK_DATA, Kind.RELEASE, Kind.LOCK, Kind.UNLOCK, Kind.BOOK, Kind.COMMENT})

WHOLE_ORDER = "order"  # subject of an operation on the order as such


class Cause(StrEnum):
    """Why money is given back; some providers want to know."""

    CANCELLATION = "cancellation"
    RETURN = "return"


@dataclass(frozen=True)
class Note:
    """A text for a merchant by code and parameters; `wording` has the sentences in German and English."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **params: str) -> "Note":
        return cls(code, tuple(params.items()))


@dataclass(frozen=True)
class Operation:
    """One effect that is due: what, on which subject, which attempt, and what it needs to be carried out.

    Amounts are minor units. `payment_id` is the provider's id; `note` becomes the ERP comment or the mail.
    """

    kind: Kind
    subject: str
    attempt: int = 1
    amount_minor: int | None = None
    currency: str = ""
    payment_id: str = ""
    invoice_no: str = ""
    booking_event: str = ""
    capture_reference: str = ""  # the provider's id of the capture that a booking settles
    lock: bool = False  # a release that leaves the order locked
    concerns: str = ""  # what within the order a mail is about, such as an invoice number
    cause: Cause | None = None  # why money is given back
    grants: int = 0  # how often a person asked to go on with it while its outcome was unknown
    only_ask: bool = False  # nobody wants it any more: find out what became of it, and send nothing
    note: Note = field(default_factory=lambda: Note(""))

    def id_within(self, workflow_id: str) -> str:
        return operation_id(workflow_id, self.kind, self.subject, self.attempt)


def operation_id(workflow_id: str, kind: Kind, subject: str, attempt: int) -> str:
    """The derived id of an operation; subjects may contain anything."""
    return f"{workflow_id}/{kind.value}/{quote(subject, safe='')}/{attempt}"


def operation_key(op_id: str, length: int = 32) -> str:
    """The key or reference sent to the other side: base32 of the id's SHA-256, cut to its limit."""
    return base64.b32encode(hashlib.sha256(op_id.encode()).digest()).decode().rstrip("=")[:length]


def operation_tag(op_id: str) -> str:
    """The short mark at the end of an ERP comment by which the comment is found again."""
    return f"[hf:{operation_key(op_id, TAG_LENGTH)}]"
