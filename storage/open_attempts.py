"""Which attempts at the provider may still bring a line for a failure file.

The journal of operations knows what was begun and what became of it; the recorded states of authorizations know what
they have learned of it. Only what both agree on is over.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from domain.authorization.nights import local
from domain.authorization.state import AuthorizationState
from domain.failure_report import BegunAttempt, OpenAttempt, open_attempt
from domain.operations import Kind
from domain.outcomes import FINAL, Outcome
from storage.authorizations import AUTHORIZATION_FACTS
from storage.tables import authorizations, operations
from storage.values import from_json

_KINDS = (Kind.AUTHORIZE.value, Kind.VOID.value)
_ENDED = tuple(sorted(one.value for one in FINAL))
_OPEN = tuple(sorted(one.value for one in Outcome if one not in FINAL))


@dataclass(frozen=True)
class AuthorizationNames:
    """How workflow ids of authorizations are built and read: what those of a tenant begin with, and the account."""

    prefix: Callable[[str], str]
    account: Callable[[str], str]


def open_attempts(
    sql: Connection, tenant: str, names: AuthorizationNames, since: date, until: date
) -> Mapping[str, Sequence[OpenAttempt]]:
    """The open attempts of a tenant by provider account, as far as they matter for the files of `since` to `until`.

    What has ended is looked at where it began within a day before `since`; what has not, however old it is.
    """
    prefix = names.prefix(tenant)
    begins = local(since, _MIDNIGHT) - timedelta(days=1)
    unended = or_(operations.c.outcome.is_(None), operations.c.outcome.in_(_OPEN))
    # an authorization records what it learned at rest, so a state that is older than the end has not learned of it
    unheard = and_(
        operations.c.outcome.in_(_ENDED),
        operations.c.begun_at >= begins,
        or_(authorizations.c.changed_at.is_(None), authorizations.c.changed_at < operations.c.finished_at),
    )
    found: dict[str, list[OpenAttempt]] = defaultdict(list)
    for condition in (unended, unheard):
        for row in sql.execute(_query(prefix, condition, local(until + timedelta(days=1), _MIDNIGHT))):
            if not row.workflow_id.startswith(prefix):  # LIKE may take no notice of capitals
                continue
            attempt = open_attempt(_begun(row), _state(sql, row))
            if attempt is not None:
                found[names.account(row.workflow_id)].append(attempt)
    return found


_MIDNIGHT = datetime.min.time()


def _query(prefix: str, condition: ColumnElement[bool], before: datetime) -> Any:
    columns = (
        operations.c.workflow_id,
        operations.c.kind,
        operations.c.subject,
        operations.c.attempt,
        operations.c.created_at,
        operations.c.begun_at,
        operations.c.executing,
        operations.c.outcome,
        authorizations.c.state,
    )
    joined = operations.outerjoin(authorizations, authorizations.c.workflow_id == operations.c.workflow_id)
    return (
        select(*columns)
        .select_from(joined)
        .where(
            condition,
            operations.c.kind.in_(_KINDS),
            operations.c.workflow_id.startswith(prefix, autoescape=True),
            operations.c.created_at < before,
        )
        .order_by(operations.c.created_at, operations.c.id)
    )


def _begun(row: Any) -> BegunAttempt:
    return BegunAttempt(
        kind=Kind(row.kind),
        subject=row.subject,
        attempt=row.attempt,
        created_at=row.created_at,
        begun_at=row.begun_at,
        executing=row.executing,
        outcome=Outcome(row.outcome) if row.outcome is not None else None,
    )


def _state(sql: Connection, row: Any) -> AuthorizationState | None:
    if row.state is not None:
        return from_json(AuthorizationState, row.state)
    return AUTHORIZATION_FACTS.fold(sql, row.workflow_id)
