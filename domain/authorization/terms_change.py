"""A change of the terms of an account: what was agreed on, by whom, and whether it is confirmed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.authorization.terms import AuthorizationTerms


class Confirmation(StrEnum):
    """What has become of the mail that confirms a change (rule R8)."""

    OPEN = "open"
    SENT = "sent"
    REFUSED = "refused"  # for good: the history still tells the change


@dataclass(frozen=True)
class TermsVersion:
    """One version of an account's terms; its number is `terms.version`. `open_authorizations`: how many were open when
    it was agreed on. Instants are UTC."""

    tenant: str
    account: str
    terms: AuthorizationTerms
    created_at: datetime
    created_by: str
    open_authorizations: int = 0
    confirmation: Confirmation = Confirmation.OPEN
    confirmed_at: datetime | None = None
