"""What merchants have agreed on for the authorizations of a provider account: every version of it, and who made it."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from domain.authorization.summary import OVER, AuthorizationStatus
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import Confirmation, TermsVersion
from domain.parties import ChangedMeanwhile
from domain.tenant_config import InvalidConfiguration, Language
from storage import audit
from storage.database import Database
from storage.tables import authorization_terms, authorizations, provider_accounts, tenants
from storage.values import from_json, to_json

OPEN = tuple(sorted(one.value for one in AuthorizationStatus if one not in OVER))


class AuthorizationTermsBook:
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


_VERSION = authorization_terms.c.version


def _of(tenant: str, account: str) -> tuple[Any, ...]:
    return (authorization_terms.c.tenant == tenant, authorization_terms.c.account == account)


def _current(sql: Connection, tenant: str, account: str) -> AuthorizationTerms:
    query = select(authorization_terms.c.terms).where(*_of(tenant, account)).order_by(_VERSION.desc()).limit(1)
    text = sql.execute(query).scalar()
    if text is not None:
        return from_json(AuthorizationTerms, text)
    language = sql.execute(select(tenants.c.language).where(tenants.c.id == tenant)).scalar()
    return AuthorizationTerms(version=0, language=Language(language) if language else Language.GERMAN)


def _check_account(sql: Connection, tenant: str, account: str) -> None:
    """The account's row is the turnstile for those who change its terms at the same time."""
    mine = (provider_accounts.c.id == account, provider_accounts.c.tenant == tenant)
    if sql.execute(select(provider_accounts.c.id).where(*mine).with_for_update()).first() is None:
        raise InvalidConfiguration(f"the tenant {tenant} has no provider account {account}: add the account first")


def _count_open(sql: Connection, tenant: str, account: str) -> int:
    mine = (authorizations.c.tenant == tenant, authorizations.c.account == account, authorizations.c.status.in_(OPEN))
    return sql.execute(select(func.count()).select_from(authorizations).where(*mine)).scalar_one()


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
