"""Configurations: which one decides on the orders of a shop and payment code, all their versions, and the switch."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, true
from sqlalchemy.exc import IntegrityError

from domain.parties import ChangedMeanwhile, Configuration, ConfigurationVersion
from domain.ports import PolledCode
from domain.tenant_config import InvalidConfiguration, OrderConfig
from storage import audit
from storage.database import Database
from storage.tables import configurations, erp_connections, provider_accounts
from storage.values import from_json, to_json


class Configurations:
    """Orders keep the version they started with; the switch acts on all of them at once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put_configuration(
        self, wanted: Configuration, *, by: str = audit.NOBODY, expected: int | None = None
    ) -> OrderConfig:
        """Add a configuration, or a new version of it; returns what new orders freeze from now on.

        The version is counted here, whatever `wanted` says. Equal content makes no new version. `expected` is the
        version that the change was made from, 0 for a new configuration. Raises `InvalidConfiguration` and
        `ChangedMeanwhile`.
        """
        try:
            with self._db.write() as connection:
                return _put(connection, wanted, by, expected)
        except IntegrityError:
            raise InvalidConfiguration(
                f"the shop {wanted.shop_id} and payment code {wanted.payment_code} of {wanted.connection} have an "
                "active configuration already: change that one, or deactivate it first"
            ) from None

    def set_active(self, configuration_id: str, active: bool, *, by: str = audit.NOBODY) -> None:
        """Switch a configuration on or off. Raises `InvalidConfiguration` when there is none."""
        mine = configurations.c.id == configuration_id
        try:
            with self._db.write() as connection:
                now = connection.execute(select(configurations).where(mine, configurations.c.is_current)).one_or_none()
                if now is None:
                    raise InvalidConfiguration(f"there is no configuration {configuration_id}: add it first")
                if now.active == active:
                    return
                connection.execute(configurations.update().where(mine).values(active=active))
                action = "configuration.activated" if active else "configuration.deactivated"
                audit.note(connection, by, action, configuration_id, tenant=now.tenant)
        except IntegrityError:
            raise InvalidConfiguration(
                f"another active configuration has the shop and payment code of {configuration_id}: "
                "deactivate that one first"
            ) from None

    def is_active(self, configuration_id: str) -> bool:
        """Whether the configuration and its ERP connection are switched on; False for an unknown one (rule P4)."""
        with self._db.read() as connection:
            return connection.execute(_current(configurations.c.id == configuration_id)).first() is not None

    def order_config(self, tenant: str, connection: str, shop_id: str, payment_code: str) -> OrderConfig | None:
        """What a new order of this shop and payment code freezes; None where nothing active decides on it."""
        here = (
            (configurations.c.tenant == tenant)
            & (configurations.c.connection == connection)
            & (configurations.c.shop_id == shop_id)
            & (configurations.c.payment_code == payment_code)
        )
        with self._db.read() as sql:
            row = sql.execute(_current(here)).one_or_none()
        return from_json(OrderConfig, row.config) if row else None

    def polled_codes(self, tenant: str, connection: str) -> tuple[PolledCode, ...]:
        """What the poller asks this connection for; nothing when the connection is switched off."""
        here = (configurations.c.tenant == tenant) & (configurations.c.connection == connection)
        with self._db.read() as sql:
            rows = sql.execute(_current(here).order_by(configurations.c.shop_id, configurations.c.payment_code))
            return tuple(PolledCode(row.shop_id, row.payment_code) for row in rows)

    def configuration(self, configuration_id: str, version: int | None = None) -> Configuration | None:
        """One configuration, as it is now or as a version of it was."""
        which = configurations.c.is_current if version is None else configurations.c.version == version
        query = select(configurations).where(configurations.c.id == configuration_id, which)
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        return _configuration(row) if row else None

    def configurations(self, tenant: str | None = None) -> tuple[Configuration, ...]:
        """The current version of every configuration, or of one tenant's."""
        mine = configurations.c.tenant == tenant if tenant is not None else true()
        query = select(configurations).where(configurations.c.is_current, mine).order_by(configurations.c.id)
        with self._db.read() as connection:
            return tuple(_configuration(row) for row in connection.execute(query))

    def versions(self, configuration_id: str) -> tuple[ConfigurationVersion, ...]:
        """Every version of a configuration, oldest first."""
        query = select(configurations).where(configurations.c.id == configuration_id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(configurations.c.version)).all()
        return tuple(ConfigurationVersion(_configuration(row), row.created_at, row.created_by) for row in rows)


def _put(connection: Connection, wanted: Configuration, by: str, expected: int | None) -> OrderConfig:
    _check_parties(connection, wanted)
    query = select(configurations).where(configurations.c.id == wanted.id).order_by(configurations.c.version)
    versions = connection.execute(query.with_for_update()).all()
    now = _configuration(versions[-1]) if versions else None
    if expected not in (None, now.config.version if now else 0):
        raise ChangedMeanwhile(
            f"the configuration {wanted.id} was changed by somebody else meanwhile: read it again, then change it"
        )
    if now is not None:
        if now.tenant != wanted.tenant:
            raise InvalidConfiguration(f"the configuration id {wanted.id} is taken: choose another one")
        if replace(wanted, config=replace(wanted.config, version=now.config.version)) == now:
            return now.config
        mine = configurations.c.id == wanted.id
        connection.execute(configurations.update().where(mine).values(is_current=False, active=wanted.active))
    config = replace(wanted.config, version=versions[-1].version + 1 if versions else 1)
    connection.execute(
        configurations.insert().values(
            id=wanted.id,
            version=config.version,
            is_current=True,
            active=wanted.active,
            tenant=wanted.tenant,
            connection=wanted.connection,
            shop_id=wanted.shop_id,
            payment_code=wanted.payment_code,
            config=to_json(config),
            created_at=datetime.now(UTC),
            created_by=by,
        )
    )
    told = audit.changes(_fields(now) if now else None, _fields(wanted))
    audit.note(connection, by, "configuration.put", wanted.id, tenant=wanted.tenant, version=config.version, **told)
    return config


def _fields(of: Configuration) -> dict[str, Any]:
    """Its fields as plain values, those of the frozen part included."""
    frozen = {one.name: getattr(of.config, one.name) for one in fields(of.config) if one.name != "configuration"}
    mine = {"connection": of.connection, "shop_id": of.shop_id, "payment_code": of.payment_code, "active": of.active}
    return mine | frozen


def _check_parties(connection: Connection, wanted: Configuration) -> None:
    here = (erp_connections.c.tenant == wanted.tenant) & (erp_connections.c.name == wanted.connection)
    if connection.execute(select(erp_connections.c.name).where(here)).first() is None:
        raise InvalidConfiguration(
            f"the tenant {wanted.tenant} has no ERP connection {wanted.connection}: add the connection first"
        )
    account = connection.execute(
        select(provider_accounts).where(
            provider_accounts.c.id == wanted.config.provider_account, provider_accounts.c.tenant == wanted.tenant
        )
    ).one_or_none()
    if account is None:
        raise InvalidConfiguration(
            f"the tenant {wanted.tenant} has no provider account {wanted.config.provider_account}: "
            "add the account first"
        )
    if account.provider != wanted.config.provider:
        raise InvalidConfiguration(
            f"the account {account.id} is at {account.provider}, the configuration says {wanted.config.provider}: "
            "choose an account of that provider"
        )


def _current(condition: ColumnElement[bool]) -> "Select[Any]":
    """Configurations in force, of connections that are switched on."""
    return (
        select(configurations)
        .join(
            erp_connections,
            (erp_connections.c.tenant == configurations.c.tenant)
            & (erp_connections.c.name == configurations.c.connection),
        )
        .where(configurations.c.is_current, configurations.c.active, erp_connections.c.active, condition)
    )


def _configuration(row: Any) -> Configuration:
    return Configuration(
        row.tenant, row.connection, row.shop_id, row.payment_code, from_json(OrderConfig, row.config), row.active
    )
