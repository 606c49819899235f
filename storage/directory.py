"""The directory: tenants, their ERP connections, provider accounts, mail settings and configurations.

Whatever is put replaces what stood under the same name; every change leaves a line in the audit trail that says what
changed. Putting what stands there changes nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select, true
from sqlalchemy.exc import IntegrityError

from domain.parties import (
    MOST_CONNECTIONS,
    ChangedMeanwhile,
    ErpConnection,
    MailSecurity,
    MailSettings,
    ProviderAccount,
    Sealed,
    Tenant,
)
from domain.tenant_config import InvalidConfiguration, Language
from storage import audit
from storage.configurations import Configurations
from storage.revising import Change, check_tenant, kept, put_revision
from storage.tables import erp_connections, mail_settings, provider_accounts, tenants
from storage.writing import insert_new, put

SHORTEST_CALLBACK_TOKEN = 20


class Directory(Configurations):
    """Everything an operator sets up. `by` is who does it."""

    def put_tenant(self, tenant: Tenant, *, by: str = audit.NOBODY) -> None:
        """Add or change a tenant. A tenant stays simulated or real for good. Raises `InvalidConfiguration`."""
        row = asdict(tenant) | {"language": tenant.language.value}
        with self._db.write() as connection:
            known = None
            if not insert_new(connection, tenants, row | {"offset_seconds": 0.0}):
                known = connection.execute(select(tenants).where(tenants.c.id == tenant.id)).one()
                if known.simulated != tenant.simulated:
                    raise InvalidConfiguration(
                        f"the tenant {tenant.id} cannot change between simulated and real: add another tenant"
                    )
                connection.execute(tenants.update().where(tenants.c.id == tenant.id).values(**row))
            told = audit.changes(dict(known._mapping) if known else None, row)
            if told:
                audit.note(connection, by, "tenant.put", tenant.id, tenant=tenant.id, **told)

    def tenant(self, tenant_id: str) -> Tenant | None:
        """One tenant."""
        return next((one for one in self.tenants() if one.id == tenant_id), None)

    def tenants(self) -> tuple[Tenant, ...]:
        """Every tenant by id."""
        with self._db.read() as connection:
            rows = connection.execute(select(tenants).order_by(tenants.c.id)).all()
        return tuple(Tenant(row.id, row.name, Language(row.language), row.simulated) for row in rows)

    def put_erp_connection(
        self,
        wanted: ErpConnection,
        *,
        by: str = audit.NOBODY,
        expected: int | None = None,
        password: Sealed | None = None,
    ) -> None:
        """Add or change an ERP connection, with a `password` if that is new too.

        `expected` is the revision that the change was made from, 0 for a new connection. Raises
        `InvalidConfiguration`, also for one active connection too many, and `ChangedMeanwhile`.
        """
        row = asdict(wanted)
        row |= {"poll_interval_seconds": int(row.pop("poll_interval").total_seconds())}
        row |= {"options": json.dumps(dict(wanted.options), ensure_ascii=False)}
        with self._db.write() as connection:
            check_tenant(connection, wanted.tenant)
            if wanted.active:
                _check_room(connection, wanted)
            change = Change(wanted.tenant, "erp_connection.put", wanted.name, by, expected, password)
            put_revision(connection, erp_connections, row, change)

    def erp_connection(self, tenant: str, name: str) -> ErpConnection | None:
        """One ERP connection."""
        return next((one for one in self.erp_connections(tenant) if one.name == name), None)

    def erp_connections(self, tenant: str | None = None) -> tuple[ErpConnection, ...]:
        """Every ERP connection, or those of one tenant, also the ones that are switched off."""
        mine = erp_connections.c.tenant == tenant if tenant is not None else true()
        query = select(erp_connections).where(mine).order_by(erp_connections.c.tenant, erp_connections.c.name)
        with self._db.read() as connection:
            return tuple(_erp_connection(row) for row in connection.execute(query))

    def put_provider_account(
        self,
        wanted: ProviderAccount,
        *,
        callback_token: str | None = None,
        by: str = audit.NOBODY,
        sealed: Sequence[Sealed] = (),
        expected: int | None = None,
    ) -> None:
        """Add or change a provider account, with secrets of it that are new. Without `callback_token` the one that was
        set stays. `expected` is the revision that the change was made from, 0 for a new account.

        Raises `InvalidConfiguration` and `ChangedMeanwhile`.
        """
        row = asdict(wanted) | {"options": json.dumps(dict(wanted.options), ensure_ascii=False)}
        if callback_token is not None:
            if len(callback_token) < SHORTEST_CALLBACK_TOKEN:
                raise InvalidConfiguration(
                    f"a callback token must be hard to guess: take {SHORTEST_CALLBACK_TOKEN} random characters or more"
                )
            row["callback_hash"] = _hash(callback_token)
        other = self.provider_account(wanted.id)
        if other is not None and other.tenant != wanted.tenant:
            raise InvalidConfiguration(f"the provider account id {wanted.id} is taken: choose another one")
        try:
            with self._db.write() as connection:
                check_tenant(connection, wanted.tenant)
                mine = provider_accounts.c.id == wanted.id
                before = connection.execute(select(provider_accounts).where(mine).with_for_update()).one_or_none()
                revision = before.revision if before else 0
                if expected not in (None, revision):
                    raise ChangedMeanwhile(
                        f"{wanted.id} was changed by somebody else meanwhile: read it again, then change it"
                    )
                told = audit.changes(dict(before._mapping) if before else None, row) | kept(connection, sealed)
                if told:
                    put(connection, provider_accounts, row | {"revision": revision + 1})
                    audit.note(connection, by, "provider_account.put", wanted.id, tenant=wanted.tenant, **told)
        except IntegrityError:
            raise InvalidConfiguration("this callback token belongs to another account: choose a new one") from None

    def provider_account(self, account_id: str) -> ProviderAccount | None:
        """One provider account."""
        return self._account(provider_accounts.c.id == account_id)

    def account_by_callback_token(self, token: str) -> ProviderAccount | None:
        """The account whose callback address carries this token."""
        return self._account(provider_accounts.c.callback_hash == _hash(token))

    def provider_accounts(self, tenant: str | None = None) -> tuple[ProviderAccount, ...]:
        """Every provider account, or those of one tenant."""
        mine = provider_accounts.c.tenant == tenant if tenant is not None else true()
        with self._db.read() as connection:
            rows = connection.execute(select(provider_accounts).where(mine).order_by(provider_accounts.c.id)).all()
        return tuple(_provider_account(row) for row in rows)

    def put_mail_settings(
        self,
        wanted: MailSettings,
        *,
        by: str = audit.NOBODY,
        expected: int | None = None,
        password: Sealed | None = None,
    ) -> None:
        """Set a tenant's mail settings, with a `password` if that is new too.

        `expected` is the revision that the change was made from, 0 for none. Raises `InvalidConfiguration` and
        `ChangedMeanwhile`.
        """
        row = asdict(wanted) | {"security": wanted.security.value}
        with self._db.write() as connection:
            check_tenant(connection, wanted.tenant)
            change = Change(wanted.tenant, "mail_settings.put", wanted.tenant, by, expected, password)
            put_revision(connection, mail_settings, row, change)

    def mail_settings(self, tenant: str) -> MailSettings | None:
        """A tenant's mail settings."""
        with self._db.read() as connection:
            row = connection.execute(select(mail_settings).where(mail_settings.c.tenant == tenant)).one_or_none()
        return MailSettings(**dict(row._mapping) | {"security": MailSecurity(row.security)}) if row else None

    def _account(self, condition: Any) -> ProviderAccount | None:
        with self._db.read() as connection:
            row = connection.execute(select(provider_accounts).where(condition)).one_or_none()
        return _provider_account(row) if row else None


def _check_room(connection: Connection, wanted: ErpConnection) -> None:
    """Two may ask at the same time: the tenant's row is the turnstile."""
    connection.execute(select(tenants.c.id).where(tenants.c.id == wanted.tenant).with_for_update())
    others = (erp_connections.c.tenant == wanted.tenant) & (erp_connections.c.name != wanted.name)
    active = connection.execute(select(func.count()).where(others, erp_connections.c.active)).scalar_one()
    if active >= MOST_CONNECTIONS:
        raise InvalidConfiguration(
            f"the tenant {wanted.tenant} has {active} active ERP connections already, and {MOST_CONNECTIONS} is the "
            "most: deactivate one first"
        )


def _erp_connection(row: Any) -> ErpConnection:
    return ErpConnection(
        tenant=row.tenant,
        name=row.name,
        base_url=row.base_url,
        username=row.username,
        password_ref=row.password_ref,
        active=row.active,
        poll_interval=timedelta(seconds=row.poll_interval_seconds),
        ca_file=row.ca_file,
        options=json.loads(row.options),
        revision=row.revision,
    )


def _provider_account(row: Any) -> ProviderAccount:
    return ProviderAccount(
        id=row.id,
        tenant=row.tenant,
        provider=row.provider,
        base_url=row.base_url,
        public_key=row.public_key,
        secret_ref=row.secret_ref,
        options=json.loads(row.options),
        revision=row.revision,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
