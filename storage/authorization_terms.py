"""What merchants have agreed on for the authorizations of a provider account: every version of it, and who made it."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, union

from domain.authorization.summary import OVER, AuthorizationStatus
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import (
    Confirmation,
    OpenChange,
    TermsChange,
    TermsChanges,
    TermsPicture,
    TermsVersion,
    mail_of,
)
from domain.outcomes import FINAL, Outcome
from domain.parties import ChangedMeanwhile
from domain.tenant_config import InvalidConfiguration, Language
from storage import audit
from storage.database import Database
from storage.failure_deliveries import tried
from storage.tables import authorization_terms, authorizations, provider_accounts, tenants
from storage.values import from_json, to_json

PAGE = 50  # authorizations that are told at a time
OPEN = tuple(sorted(one.value for one in AuthorizationStatus if one not in OVER))


class AuthorizationTermsBook(TermsChanges):
    """Terms in SQL. Where nothing was agreed on, the defaults hold, as version 0 and in the tenant's language."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def current(self, tenant: str, account: str) -> AuthorizationTerms:
        """The terms that hold now; `version` counts the changes."""
        with self._db.read() as sql:
            return _current(sql, tenant, account)

    def put(
        self,
        tenant: str,
        account: str,
        wanted: AuthorizationTerms,
        *,
        by: str = audit.NOBODY,
        expected: int | None = None,
    ) -> AuthorizationTerms:
        """Agree on other terms; returns those that hold now.

        The version is counted here, whatever `wanted` says. Equal terms make no new version. `expected` is the version
        that the change was made from, 0 for the defaults. Raises `InvalidConfiguration` and `ChangedMeanwhile`.
        """
        with self._db.write() as sql:
            _check_account(sql, tenant, account)
            now = _current(sql, tenant, account)
            if expected not in (None, now.version):
                raise ChangedMeanwhile(
                    f"the terms of {account} were changed by somebody else meanwhile: read them again, then change them"
                )
            terms = replace(wanted, version=now.version + 1)
            if replace(wanted, version=now.version) == now:
                return now
            sql.execute(
                authorization_terms.insert().values(
                    tenant=tenant,
                    account=account,
                    version=terms.version,
                    terms=to_json(terms),
                    created_at=datetime.now(UTC),
                    created_by=by,
                    open_authorizations=_count_open(sql, tenant, account),
                    confirmation=Confirmation.OPEN.value,
                )
            )
            told = audit.changes(_fields(now), _fields(terms))
            audit.note(sql, by, "authorization_terms.put", account, tenant=tenant, version=terms.version, **told)
        return terms

    def history(self, tenant: str, account: str) -> tuple[TermsVersion, ...]:
        """Every version that was agreed on, oldest first; the defaults are none."""
        with self._db.read() as sql:
            rows = sql.execute(select(authorization_terms).where(*_of(tenant, account)).order_by(_VERSION)).all()
        return tuple(_version(row) for row in rows)

    # -- the way of a change to the merchant and to open authorizations

    def look(self, tenant: str, account: str, workflow_id: str, after: str) -> TermsPicture:
        """Note which mails were taken, and tell what is left to do. May be repeated."""
        open_change = (authorization_terms.c.confirmation == Confirmation.OPEN.value, *_of(tenant, account))
        with self._db.write() as sql:
            version = _current(sql, tenant, account).version
            if not _has_account(sql, tenant, account):
                return TermsPicture(active=False)
            left = []
            for row in sql.execute(select(authorization_terms).where(*open_change).order_by(_VERSION)).all():
                mail = tried(sql, mail_of(row.version), workflow_id)
                if mail is None or mail.outcome not in FINAL:
                    left.append(OpenChange(row.version, mail))
                    continue
                sent = mail.outcome is Outcome.SUCCEEDED
                known = Confirmation.SENT if sent else Confirmation.REFUSED
                mine = (*_of(tenant, account), row.version == _VERSION)
                ended = authorization_terms.update().where(*mine)
                sql.execute(ended.values(confirmation=known.value, confirmed_at=mail.at if sent else None))
            unheard = sql.execute(_unheard(tenant, account, version, after)).scalars().all() if version else ()
        return TermsPicture(True, version, tuple(left), tuple(unheard))

    def change(self, tenant: str, account: str, version: int) -> TermsChange:
        """A version and the one before it. Raises LookupError when there is none."""
        with self._db.read() as sql:
            both = (*_of(tenant, account), _VERSION.in_((version - 1, version)))
            rows = sql.execute(select(authorization_terms).where(*both).order_by(_VERSION)).all()
            language = _language(sql, tenant)
        if not rows or rows[-1].version != version:
            raise LookupError(f"there is no version {version} of the terms of {account}")
        now = _version(rows[-1])
        before = _version(rows[0]).terms if len(rows) == 2 else AuthorizationTerms(version=0, language=language)
        return TermsChange(before, now, language)

    def unfinished(self) -> tuple[tuple[str, str], ...]:
        """Tenant and account of every change that is not confirmed, or that an open authorization has not heard of."""
        table, held = authorization_terms, authorizations
        unconfirmed = select(table.c.tenant, table.c.account).where(table.c.confirmation == Confirmation.OPEN.value)
        latest = select(table.c.tenant, table.c.account, func.max(_VERSION).label("version"))
        last = latest.group_by(table.c.tenant, table.c.account).subquery()
        behind = select(held.c.workflow_id).where(
            held.c.tenant == last.c.tenant,
            held.c.account == last.c.account,
            held.c.status.in_(OPEN),
            held.c.terms_version < last.c.version,
        )
        unheard = select(last.c.tenant, last.c.account).where(behind.exists())
        with self._db.read() as sql:
            return tuple((row.tenant, row.account) for row in sql.execute(union(unconfirmed, unheard)))


_VERSION = authorization_terms.c.version


def _of(tenant: str, account: str) -> tuple[Any, ...]:
    return (authorization_terms.c.tenant == tenant, authorization_terms.c.account == account)


def _current(sql: Connection, tenant: str, account: str) -> AuthorizationTerms:
    query = select(authorization_terms.c.terms).where(*_of(tenant, account)).order_by(_VERSION.desc()).limit(1)
    text = sql.execute(query).scalar()
    if text is not None:
        return from_json(AuthorizationTerms, text)
    return AuthorizationTerms(version=0, language=_language(sql, tenant))


def _language(sql: Connection, tenant: str) -> Language:
    found = sql.execute(select(tenants.c.language).where(tenants.c.id == tenant)).scalar()
    return Language(found) if found else Language.GERMAN


def _has_account(sql: Connection, tenant: str, account: str) -> bool:
    """Whether it is there; its row is the turnstile for those who change its terms at the same time."""
    mine = (provider_accounts.c.id == account, provider_accounts.c.tenant == tenant)
    return sql.execute(select(provider_accounts.c.id).where(*mine).with_for_update()).first() is not None


def _check_account(sql: Connection, tenant: str, account: str) -> None:
    if not _has_account(sql, tenant, account):
        raise InvalidConfiguration(f"the tenant {tenant} has no provider account {account}: add the account first")


def _count_open(sql: Connection, tenant: str, account: str) -> int:
    mine = (authorizations.c.tenant == tenant, authorizations.c.account == account, authorizations.c.status.in_(OPEN))
    return sql.execute(select(func.count()).select_from(authorizations).where(*mine)).scalar_one()


def _unheard(tenant: str, account: str, version: int, after: str) -> Any:
    """A page of open authorizations that have not recorded this version, also those that are just being started."""
    held = authorizations
    behind = (held.c.tenant == tenant, held.c.account == account, held.c.status.in_(OPEN))
    query = select(held.c.workflow_id).where(*behind, held.c.terms_version < version)
    if after:
        query = query.where(held.c.workflow_id > after)
    return query.order_by(held.c.workflow_id).limit(PAGE)


def _fields(terms: AuthorizationTerms) -> dict[str, Any]:
    return {one.name: getattr(terms, one.name) for one in fields(terms)}


def _version(row: Any) -> TermsVersion:
    return TermsVersion(
        row.tenant,
        row.account,
        from_json(AuthorizationTerms, row.terms),
        row.created_at,
        row.created_by,
        row.open_authorizations,
        Confirmation(row.confirmation),
        row.confirmed_at,
    )
