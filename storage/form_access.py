"""Who sends under a MerchantID: for which account encrypted forms and batch files come, and with which passwords.

An account at the provider whose forms these are is known by its own MerchantID and passwords. Any other account can
be given a MerchantID with passwords of its own, which live here only.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from sqlalchemy import select

from domain.parties import Sealed
from domain.tenant_config import InvalidConfiguration
from storage import audit
from storage.database import Database
from storage.revising import check_tenant, kept
from storage.tables import form_access, provider_accounts
from storage.writing import put

USUAL_CIPHER = "blowfish"


@dataclass(frozen=True)
class FormAccess:
    """A MerchantID that was given to an account. `cipher`: which one its messages are encrypted with."""

    merchant_id: str
    tenant: str
    account: str
    cipher: str
    secret_ref: str


@dataclass(frozen=True)
class FormMerchant:
    """Who may have sent a form, and the two passwords that would prove it."""

    merchant_id: str
    tenant: str
    account: str
    cipher: str
    password: str = field(repr=False)
    mac_password: str = field(repr=False)


class Secrets(Protocol):
    """Opens secrets. Raises `Misconfigured`."""

    def get(self, ref: str) -> str:
        """A secret in clear."""


class FormAccessBook:
    """MerchantIDs and accounts. `provider`: whose accounts have a MerchantID of their own, as their public key;
    `mac_secret` tells where the second password of a secret is kept."""

    def __init__(self, db: Database, secrets: Secrets, provider: str, mac_secret: Callable[[str], str]) -> None:
        self._db = db
        self._secrets = secrets
        self._provider = provider
        self._mac_secret = mac_secret

    def merchants(self, merchant_id: str) -> tuple[FormMerchant, ...]:
        """Who may be meant by a MerchantID; which of them it is, a message proves. Raises `Misconfigured`."""
        return tuple(
            FormMerchant(
                merchant_id=merchant_id,
                tenant=one.tenant,
                account=one.account,
                cipher=one.cipher,
                password=self._secrets.get(one.secret_ref),
                mac_password=self._secrets.get(self._mac_secret(one.secret_ref)),
            )
            for one in self.accounts(merchant_id)
        )

    def accounts(self, merchant_id: str) -> tuple[FormAccess, ...]:
        """The accounts behind a MerchantID: the one that was given it, or else those that have it by themselves."""
        given = select(form_access).where(form_access.c.merchant_id == merchant_id)
        own = select(provider_accounts).where(
            provider_accounts.c.provider == self._provider, provider_accounts.c.public_key == merchant_id
        )
        with self._db.read() as sql:
            found = sql.execute(given).one_or_none()
            if found is not None:
                return (_access(found),)
            rows = sql.execute(own.order_by(provider_accounts.c.id)).all() if merchant_id else []
        return tuple(_own(one) for one in rows)

    def given(self, account: str) -> tuple[FormAccess, ...]:
        """The MerchantIDs that were given to an account."""
        query = select(form_access).where(form_access.c.account == account).order_by(form_access.c.merchant_id)
        with self._db.read() as sql:
            return tuple(_access(one) for one in sql.execute(query))

    def put(self, wanted: FormAccess, password: Sealed, mac_password: Sealed, *, by: str = audit.NOBODY) -> None:
        """Give an account a MerchantID, or other passwords. Raises `InvalidConfiguration`."""
        with self._db.write() as sql:
            check_tenant(sql, wanted.tenant)
            mine = provider_accounts.c.id == wanted.account
            account = sql.execute(select(provider_accounts).where(mine).with_for_update()).one_or_none()
            if account is None or account.tenant != wanted.tenant:
                raise InvalidConfiguration(f"there is no provider account {wanted.account}: add it first")
            before = sql.execute(
                select(form_access).where(form_access.c.merchant_id == wanted.merchant_id).with_for_update()
            ).one_or_none()
            if before is not None and (before.tenant, before.account) != (wanted.tenant, wanted.account):
                raise InvalidConfiguration(f"the MerchantID {wanted.merchant_id} is taken: choose another one")
            elsewhere = select(provider_accounts.c.id).where(
                provider_accounts.c.provider == self._provider,
                provider_accounts.c.public_key == wanted.merchant_id,
                provider_accounts.c.id != wanted.account,
            )
            if sql.execute(elsewhere).first() is not None:
                raise InvalidConfiguration(f"the MerchantID {wanted.merchant_id} is taken: choose another one")
            row = asdict(wanted)
            told = audit.changes(dict(before._mapping) if before else None, row) | kept(sql, (password, mac_password))
            put(sql, form_access, row)
            audit.note(sql, by, "form_access.put", wanted.merchant_id, tenant=wanted.tenant, **told)


def _access(row: Any) -> FormAccess:
    return FormAccess(**row._mapping)


def _own(row: Any) -> FormAccess:
    cipher = json.loads(row.options).get("cipher", USUAL_CIPHER)
    return FormAccess(row.public_key, row.tenant, row.id, cipher, row.secret_ref)
