"""Values of setting up a merchant: what the ERP offers, and what a check of credentials found out.

Nothing is decided here; `administration` decides, adapters find out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Shop:
    """A shop of the ERP."""

    id: str
    name: str


@dataclass(frozen=True)
class PaymentType:
    """A payment type of the ERP. `xml_tag` is '' where the ERP does not tell it."""

    code: str
    text: str
    xml_tag: str = ""


@dataclass(frozen=True)
class MissingCall:
    """A call that the ERP's database does not have, and what Holdfast cannot do without it (English)."""

    call: str
    lost: str


@dataclass(frozen=True)
class ErpOffer:
    """What one ERP database offered when it was last asked."""

    shops: tuple[Shop, ...]
    payment_types: tuple[PaymentType, ...]
    missing: tuple[MissingCall, ...] = ()


class Sign(StrEnum):
    """The sign of a booking event in the customer account."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class CheckState(StrEnum):
    """What is known of a connection's credentials."""

    PROVEN = "proven"  # the ERP took them
    UNVERIFIED = "unverified"  # it could not be asked yet
    REFUSED = "refused"  # it took them once and does not any more


@dataclass(frozen=True)
class ConnectionCheck:
    """The last check of a connection; instants are UTC in the time of the tenant.

    `reason` is a code of `domain.reasons`, `due_at` when the next check is made by itself. `offer` is what
    the ERP offered at `offered_at`, which may lie before the check.
    """

    state: CheckState = CheckState.UNVERIFIED
    reason: str = ""
    checked_at: datetime | None = None
    proven_at: datetime | None = None
    due_at: datetime | None = None
    offer: ErpOffer | None = None
    offered_at: datetime | None = None


class KeyVerdict(StrEnum):
    """What was found out about a key pair."""

    PROVEN = "proven"  # the provider says that the keys belong together
    PUBLIC_MALFORMED = "public_malformed"
    PRIVATE_MALFORMED = "private_malformed"
    SWAPPED = "swapped"  # each stands in the other's place
    PUBLIC_AS_PRIVATE = "public_as_private"
    PRIVATE_AS_PUBLIC = "private_as_public"
    TEST_AND_LIVE = "test_and_live"  # one is for testing, the other for real money
    WRONG_ADDRESS = "wrong_address"  # the address is for the other kind of keys
    REFUSED = "refused"  # the provider does not know the private key
    MISMATCH = "mismatch"  # the private key belongs to another public key


class AccessVerdict(StrEnum):
    """What was found out about the access to an account whose holds are renewed."""

    PROVEN = "proven"  # the provider took it
    ID_MALFORMED = "id_malformed"  # what the provider calls the merchant
    SECRET_MALFORMED = "secret_malformed"  # or it does not fit the cipher
    PUBLIC_AS_SECRET = "public_as_secret"
    SIGNING_MALFORMED = "signing_malformed"  # what signs messages
    WRONG_ADDRESS = "wrong_address"  # no address, or not one for such a secret
    REFUSED = "refused"  # the provider does not accept it
    LACKS_RIGHTS = "lacks_rights"  # it is accepted, and may not do what is needed


class MailVerdict(StrEnum):
    """What became of a test mail: the server took it, or where its way ended."""

    TAKEN = "taken"
    BAD_ADDRESS = "bad_address"
    HOST_UNKNOWN = "host_unknown"
    UNREACHABLE = "unreachable"
    NO_MAIL_SERVER = "no_mail_server"
    NO_ENCRYPTION = "no_encryption"
    CERTIFICATE = "certificate"
    LOGIN_REFUSED = "login_refused"
    NO_LOGIN = "no_login"  # the server offers none, and a user is set
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    TEXT_REFUSED = "text_refused"
    BUSY = "busy"  # a no for now
    UNCLEAR = "unclear"  # the connection broke after the text had left
