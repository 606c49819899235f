"""Queries on authorizations for pages, API and command. Nothing is changed here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_

from domain.authorization.state import AuthorizationState
from domain.authorization.summary import OVER, AuthorizationStatus
from storage.database import Database
from storage.paging import NEVER, cursor_of, instant, place_of
from storage.tables import authorizations
from storage.values import from_json

LARGEST_PAGE = 500
OPEN = tuple(sorted(one.value for one in AuthorizationStatus if one not in OVER))


class AuthorizationSort(StrEnum):
    """How a list is sorted."""

    DEADLINE = "deadline"  # what ends first, first; what is not held, last
    CHANGED = "changed"  # last changed first


@dataclass(frozen=True)
class AuthorizationFilter:
    """Which authorizations to list; None and '' do not restrict. `text`: part of one of the names by which a case is
    known, or a hold's id. `deadline_before` (UTC)."""

    account: str = ""
    status: str = ""
    problem: str = ""
    needs_human: bool | None = None
    is_open: bool | None = None
    text: str = ""
    deadline_before: datetime | None = None


@dataclass(frozen=True)
class AuthorizationRow:
    """One line of the list, as `domain.authorization.summary` sums an authorization up."""

    workflow_id: str
    tenant: str
    provider: str
    account: str
    reference: str
    case_reference: str
    payout_reference: str
    status: str
    currency: str
    authorized_minor: int
    open_minor: int
    remainder_minor: int
    captured_minor: int
    refunded_minor: int
    holds: int
    hold_id: str
    scheme: str
    authorized_at: datetime | None
    held_at: datetime | None
    deadline: datetime | None
    deadline_told: bool
    renews_at: datetime | None
    stop_reason: str
    problem: str
    needs_human: bool
    next_due: datetime | None
    changed_at: datetime


@dataclass(frozen=True)
class AuthorizationPage:
    """One page; `after` is the cursor of the next one, None on the last."""

    rows: tuple[AuthorizationRow, ...]
    after: str | None


_COLUMNS = tuple(authorizations.c[name] for name in AuthorizationRow.__dataclass_fields__)
_AT_A_TIME = 500


class AuthorizationList:
    """Authorizations as their read model shows them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def list_authorizations(
        self,
        tenant: str | None,
        filters: AuthorizationFilter = AuthorizationFilter(),
        *,
        after: str | None = None,
        limit: int = 50,
        sort: AuthorizationSort = AuthorizationSort.DEADLINE,
    ) -> AuthorizationPage:
        """One page of a tenant's authorizations, or of everybody's. Raises `BadCursor`."""
        limit = max(1, min(limit, LARGEST_PAGE))
        backwards = sort is AuthorizationSort.CHANGED
        key = authorizations.c.changed_at if backwards else func.coalesce(authorizations.c.deadline, NEVER)
        query = select(*_COLUMNS, key.label("sort_key")).where(*_conditions(tenant, filters))
        if after is not None:
            told, workflow_id = place_of(after, sort.value)
            place = tuple_(key, authorizations.c.workflow_id)
            seen = tuple_(instant(told), literal(workflow_id))
            query = query.where(place < seen if backwards else place > seen)
        order = (key, authorizations.c.workflow_id)
        query = query.order_by(*(one.desc() if backwards else one.asc() for one in order)).limit(limit + 1)
        with self._db.read() as sql:
            found = sql.execute(query).all()
        last = found[limit - 1] if len(found) > limit else None
        return AuthorizationPage(
            tuple(_row(one) for one in found[:limit]),
            cursor_of(sort.value, last.sort_key, last.workflow_id) if last else None,
        )

    def get(self, workflow_id: str) -> AuthorizationRow | None:
        """One authorization by the id of its workflow."""
        return next(iter(self._where(authorizations.c.workflow_id == workflow_id)), None)

    def named(self, tenant: str, account: str, hold_id: str) -> tuple[AuthorizationRow, ...]:
        """Those whose first or latest hold has this id at the provider."""
        mine = (authorizations.c.tenant == tenant, authorizations.c.account == account)
        known = or_(authorizations.c.reference == hold_id, authorizations.c.hold_id == hold_id)
        return self._where(*mine, known)

    def of_case(self, tenant: str, account: str, case_reference: str) -> tuple[AuthorizationRow, ...]:
        """Those that the merchant knows by this name."""
        mine = (authorizations.c.tenant == tenant, authorizations.c.account == account)
        return self._where(*mine, authorizations.c.case_reference == case_reference)

    def find(self, tenant: str, name: str) -> tuple[AuthorizationRow, ...]:
        """Those of a tenant that somebody may mean by a name: a hold's id, or one of the merchant's own names."""
        columns = authorizations.c
        names = (columns.reference, columns.hold_id, columns.case_reference, columns.payout_reference)
        return self._where(columns.tenant == tenant, or_(*(one == name for one in names)))

    def overdue(self, before: datetime, except_tenants: Collection[str], limit: int) -> tuple[AuthorizationRow, ...]:
        """Those that wanted to wake before `before` (UTC) and have not told of it, the longest overdue first."""
        late = (authorizations.c.next_due < before, authorizations.c.tenant.not_in(except_tenants))
        query = select(*_COLUMNS).where(*late).order_by(authorizations.c.next_due).limit(limit)
        with self._db.read() as sql:
            return tuple(_row(one) for one in sql.execute(query))

    def state(self, workflow_id: str) -> AuthorizationState | None:
        """The state that the row was made from."""
        query = select(authorizations.c.state).where(authorizations.c.workflow_id == workflow_id)
        with self._db.read() as sql:
            text = sql.execute(query).scalar()
        return from_json(AuthorizationState, text) if text is not None else None

    def open_states(self, tenant: str | None, account: str = "") -> Iterator[AuthorizationState]:
        """The states of all that are not over, a few hundred at a time, so that any number fits into memory."""
        seen = ""
        conditions = _conditions(tenant, AuthorizationFilter(account=account, is_open=True))
        while True:
            query = (
                select(authorizations.c.workflow_id, authorizations.c.state)
                .where(*conditions, authorizations.c.workflow_id > seen)
                .order_by(authorizations.c.workflow_id)
                .limit(_AT_A_TIME)
            )
            with self._db.read() as sql:
                rows = sql.execute(query).all()
            for row in rows:
                yield from_json(AuthorizationState, row.state)
            if len(rows) < _AT_A_TIME:
                return
            seen = rows[-1].workflow_id

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[AuthorizationRow, ...]:
        query = select(*_COLUMNS).where(*conditions).order_by(authorizations.c.workflow_id)
        with self._db.read() as sql:
            return tuple(_row(one) for one in sql.execute(query))


def _row(row: Any) -> AuthorizationRow:
    values = dict(row._mapping)
    values.pop("sort_key", None)
    return AuthorizationRow(**values)


def _conditions(tenant: str | None, filters: AuthorizationFilter) -> list[ColumnElement[bool]]:
    columns = authorizations.c
    wanted = {
        "tenant": tenant,
        "account": filters.account or None,
        "status": filters.status or None,
        "problem": filters.problem or None,
        "needs_human": filters.needs_human,
    }
    conditions = [columns[name] == value for name, value in wanted.items() if value is not None]
    if filters.is_open is not None:
        is_open = columns.status.in_(OPEN)
        conditions.append(is_open if filters.is_open else ~is_open)
    if filters.deadline_before is not None:
        conditions.append(columns.deadline < filters.deadline_before)
    if filters.text:
        places = (columns.case_reference, columns.payout_reference, columns.reference, columns.hold_id)
        conditions.append(or_(*(one.icontains(filters.text, autoescape=True) for one in places)))
    return conditions
