"""Tables of authorizations: how they began, which stays, the read model, the lines of failures, the ledger of cards."""

from datetime import date, datetime

from sqlalchemy import Column, Date, Index, Named, Table, Text, TypedColumns, text

from storage.tables.base import Minor, UtcDateTime, metadata


class AuthorizationStartedColumns(TypedColumns):
    """An authorization as it was handed over. `instrument_ref` names the sealed names of its card, '' for none. No read
    model."""

    workflow_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    provider: Named[str]
    account: Named[str]
    reference: Named[str]
    case_reference: Named[str]
    payout_reference: Named[str]
    held_at: Named[datetime | None] = Column(UtcDateTime)
    instrument_ref: Named[str]
    start: Named[str] = Column(Text)
    started_at: Named[datetime] = Column(UtcDateTime)


authorizations_started = Table("authorizations_started", metadata, AuthorizationStartedColumns)
Index(None, authorizations_started.c.tenant, authorizations_started.c.case_reference)
Index(None, authorizations_started.c.tenant, authorizations_started.c.payout_reference)


class AuthorizationColumns(TypedColumns):
    """Read model: one row per authorization, as `domain.authorization.summary` sums it up. `terms_version`: which terms
    it has heard."""

    workflow_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    provider: Named[str]
    account: Named[str]
    reference: Named[str]
    case_reference: Named[str]
    payout_reference: Named[str]
    status: Named[str]
    currency: Named[str]
    authorized_minor: Named[int] = Column(Minor)
    open_minor: Named[int] = Column(Minor)
    remainder_minor: Named[int] = Column(Minor)
    captured_minor: Named[int] = Column(Minor)
    refunded_minor: Named[int] = Column(Minor)
    holds: Named[int]
    hold_id: Named[str]
    scheme: Named[str]
    card: Named[str]
    authorized_at: Named[datetime | None] = Column(UtcDateTime)
    held_at: Named[datetime | None] = Column(UtcDateTime)
    deadline: Named[datetime | None] = Column(UtcDateTime)
    deadline_told: Named[bool]
    renews_at: Named[datetime | None] = Column(UtcDateTime)
    stop_reason: Named[str]
    problem: Named[str]
    needs_human: Named[bool]
    seq: Named[int]
    next_due: Named[datetime | None] = Column(UtcDateTime)
    changed_at: Named[datetime] = Column(UtcDateTime)
    state: Named[str] = Column(Text)
    terms_version: Named[int] = Column(server_default="0")


authorizations = Table("authorizations", metadata, AuthorizationColumns)
Index(None, authorizations.c.tenant, authorizations.c.deadline, authorizations.c.workflow_id)
Index(None, authorizations.c.tenant, authorizations.c.status, authorizations.c.changed_at)
Index(
    None,
    authorizations.c.tenant,
    authorizations.c.account,
    authorizations.c.status,
    authorizations.c.terms_version,
)
Index(None, authorizations.c.tenant, authorizations.c.case_reference)
Index(None, authorizations.c.tenant, authorizations.c.hold_id)
Index(None, authorizations.c.tenant, authorizations.c.next_due, authorizations.c.workflow_id)


class FailureLineColumns(TypedColumns):
    """One extension that could not be carried out, for good: one row whatever crashes. `day` is the Berlin day of the
    attempt. `channel`: how the merchant is told. `file_day`: the day of the file that it stands in, None for none
    yet."""

    workflow_id: Named[str] = Column(primary_key=True)
    key: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    account: Named[str]
    day: Named[date] = Column(Date)
    channel: Named[str]
    extension: Named[str]
    amount_minor: Named[int] = Column(Minor)
    currency: Named[str]
    case_reference: Named[str]
    payout_reference: Named[str]
    reference: Named[str]
    reason: Named[str]
    code: Named[str]
    failed_at: Named[datetime] = Column(UtcDateTime)
    hope_at: Named[datetime | None] = Column(UtcDateTime)
    recorded_at: Named[datetime] = Column(UtcDateTime)
    file_day: Named[date | None] = Column(Date)


failure_lines = Table("failure_lines", metadata, FailureLineColumns)
Index(None, failure_lines.c.tenant, failure_lines.c.account, failure_lines.c.day, failure_lines.c.failed_at)
_unfiled = text("channel = 'file' AND file_day IS NULL")
Index(
    "ix_failure_lines_unfiled",
    failure_lines.c.tenant,
    failure_lines.c.day,
    sqlite_where=_unfiled,
    postgresql_where=_unfiled,
)


class CardAttemptColumns(TypedColumns):
    """One authorization that was tried with a card, once per operation. `card` is the provider's name for the card."""

    operation_id: Named[str] = Column(primary_key=True)
    account: Named[str]
    card: Named[str]
    at: Named[datetime] = Column(UtcDateTime)
    amount_minor: Named[int] = Column(Minor)
    currency: Named[str]
    declined: Named[bool]
    never_again: Named[bool]
    not_before: Named[datetime | None] = Column(UtcDateTime)


card_attempts = Table("card_attempts", metadata, CardAttemptColumns)
Index(None, card_attempts.c.account, card_attempts.c.card, card_attempts.c.at)
