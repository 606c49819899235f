"""A change of the terms of an account: it is confirmed by mail, and every open authorization hears of it (rule R8).

Both go on until they are done, whatever stops them in between. Authorizations are told page by page; which of them
have heard is what they have recorded, so a message that got lost is sent again. Instants are UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.authorization.terms import AuthorizationTerms
from domain.failure_report import Tried
from domain.operations import Kind, Note, Operation
from domain.repetition import next_turn, pause
from domain.tenant_config import Language, Pacing


class Confirmation(StrEnum):
    """What has become of the mail that confirms a change."""

    OPEN = "open"
    SENT = "sent"
    REFUSED = "refused"  # for good: the history still tells the change


@dataclass(frozen=True)
class TermsVersion:
    """One version of an account's terms; its number is `terms.version`. `open_authorizations`: how many were open when
    it was agreed on."""

    tenant: str
    account: str
    terms: AuthorizationTerms
    created_at: datetime
    created_by: str
    open_authorizations: int = 0
    confirmation: Confirmation = Confirmation.OPEN
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class TermsChange:
    """A version beside what held before it, for the mail to the tenant's recipient in `language`."""

    before: AuthorizationTerms
    now: TermsVersion
    language: Language


# -- what a look finds


@dataclass(frozen=True)
class OpenChange:
    """A version whose mail has not been taken yet; `mail` None: nothing was tried."""

    version: int
    mail: Tried | None = None


@dataclass(frozen=True)
class TermsPicture:
    """What one look found. `active` False: there is no such account any more. `version` holds now. `unheard`: a page of
    open authorizations that have not heard of it, by workflow id."""

    active: bool = True
    version: int = 0
    changes: tuple[OpenChange, ...] = ()
    unheard: tuple[str, ...] = ()


class TermsChanges(Protocol):
    """The terms of accounts, and who has heard of them."""

    def look(self, tenant: str, account: str, workflow_id: str, after: str) -> TermsPicture:
        """Note which mails were taken, and tell what is left to do; `after` is the last authorization that was told."""

    def current(self, tenant: str, account: str) -> AuthorizationTerms:
        """The terms that hold now."""

    def change(self, tenant: str, account: str, version: int) -> TermsChange:
        """A version and the one before it. Raises LookupError when there is none."""


# -- what is done about it


@dataclass(frozen=True)
class Rounds:
    """How far telling has come: the version that is told, the last authorization that was, how many rounds ended, and
    when the next may begin."""

    version: int = 0
    after: str = ""
    ended: int = 0
    again_at: datetime | None = None


@dataclass(frozen=True)
class TermsDecision:
    """Mail the version `confirm`, tell these authorizations, `look` again at once, or wait until `next_due`; with none
    of that all is done."""

    confirm: int | None = None
    tell: tuple[str, ...] = ()
    look: bool = False
    next_due: datetime | None = None


def decide(
    picture: TermsPicture, rounds: Rounds, workflow_id: str, pacing: Pacing, now: datetime
) -> tuple[TermsDecision, Rounds]:
    """What to do at `now`, and how far telling will have come with that. Pure.

    Mails come first, for they are few; one that has to wait holds up no authorization. A round begins anew with each
    version, the latest wins, and ends with the last authorization. Who has not recorded a version by then is told
    again after a pause.
    """
    later: list[datetime] = []
    for change in picture.changes:
        turn = next_turn(change.mail, Kind.MAIL, workflow_id, pacing, now)
        if turn is None:
            continue
        if turn.at <= now:
            return TermsDecision(confirm=change.version), rounds
        later.append(turn.at)
    if picture.version != rounds.version:
        begun = Rounds(picture.version)
        return (TermsDecision(look=True), begun) if rounds.after else decide(picture, begun, workflow_id, pacing, now)
    if not picture.unheard and rounds.after:
        ended = rounds.ended + 1
        return TermsDecision(look=True), Rounds(rounds.version, ended=ended, again_at=now + pause(ended, pacing))
    if picture.unheard and (rounds.after or rounds.again_at is None or rounds.again_at <= now):
        return TermsDecision(tell=picture.unheard), replace(rounds, after=picture.unheard[-1])
    if picture.unheard and rounds.again_at is not None:
        later.append(rounds.again_at)
    return TermsDecision(next_due=min(later, default=None)), rounds


def mail_of(version: int) -> Operation:
    """The mail that confirms a version."""
    return Operation(Kind.MAIL, f"terms/{version}", note=Note.of("terms_changed", version=str(version)))
