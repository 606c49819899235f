"""Configurations: one per connection, shop and payment type of the ERP; checked on saving, versioned, never deleted.

An order keeps the version it started with. A copy exists once it is saved, and is checked like anything new.
"""

from dataclasses import dataclass, replace
from typing import Any

from administration.accounts import ProvenKeys, ProviderAccounts
from administration.connections import Connections
from administration.erp_judge import ErpJudge
from administration.fields import Changes, Fields, complete
from administration.places import Place, id_at, standing_at, taken
from administration.ports import Ports, kept
from administration.refusals import Hint, Refused, Why, existing_tenant, explained
from domain.parties import Configuration, ConfigurationVersion, ErpConnection
from domain.tenant_config import OrderConfig


@dataclass(frozen=True)
class ConfigurationView:
    """A configuration as it is saved. Of its keys only the public one; `in_force` is False too when its connection is
    switched off."""

    configuration: Configuration
    fields: Fields
    in_force: bool


@dataclass(frozen=True)
class Saved:
    """What was saved, and what to know about it. `changed` is False when it stood there like that already."""

    view: ConfigurationView
    hints: tuple[Hint, ...]
    changed: bool


@dataclass(frozen=True)
class Draft:
    """A copy before it is saved: nothing of it exists. Its private key is that of the original."""

    copied_from: str
    place: Place
    fields: Fields
    hints: tuple[Hint, ...]


class Configurations:
    """The configurations of tenants. Every method raises `Refused`."""

    def __init__(self, ports: Ports, connections: Connections) -> None:
        self._ports = ports
        self._connections = connections
        self._accounts = ProviderAccounts(ports)
        self._erp = ErpJudge(ports, connections)

    def all(self, tenant: str) -> tuple[ConfigurationView, ...]:
        """The present version of every configuration of a tenant, also of those that are switched off."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        return tuple(self._view(one) for one in self._ports.directory.configurations(tenant))

    def get(self, tenant: str, configuration_id: str) -> ConfigurationView:
        """One configuration, as it is now."""
        return self._view(self._existing(tenant, configuration_id))

    def history(self, tenant: str, configuration_id: str) -> tuple[ConfigurationVersion, ...]:
        """Every version, oldest first."""
        self._existing(tenant, configuration_id)
        return self._ports.directory.versions(configuration_id)

    def create(self, tenant: str, place: Place, changes: Changes, *, by: str, copied_from: str = "") -> Saved:
        """Add a configuration; with `copied_from` what is not given is taken from that one.

        Creating once more what stands there is fine; anything else where a configuration stands is refused.
        """
        connection = self._prepared(tenant, place.connection)
        source = self._existing(tenant, copied_from) if copied_from else None
        fields = complete(self._fields(source) if source else None, changes)
        there = standing_at(place, self._ports.directory.configurations(tenant))
        if there is not None:
            if source is None and self._is(there, fields):
                return Saved(self._view(there), (), changed=False)
            raise taken(there, copied_from)
        place, hints = self._erp.chosen(tenant, place, fields, gone_is_final=True)
        keys = self._accounts.proven(tenant, fields, None)
        hints += self._erp.signs(connection, place, fields)
        wanted = Configuration(
            tenant,
            place.connection,
            place.shop_id,
            place.payment_code,
            self._config(tenant, id_at(place, tenant), fields, keys, source.config if source else None),
            fields.active,
        )
        self._save(wanted, keys, by=by, expected=0)
        return Saved(self.get(tenant, wanted.id), hints, changed=True)

    def draft_copy(self, tenant: str, source_id: str, place: Place) -> Draft:
        """What a copy would hold; nothing is saved."""
        self._prepared(tenant, place.connection)
        source = self._existing(tenant, source_id)
        there = standing_at(place, self._ports.directory.configurations(tenant))
        if there is not None:
            raise taken(there, source_id)
        fields = self._fields(source)
        place, hints = self._erp.chosen(tenant, place, fields, gone_is_final=True)
        return Draft(source_id, place, fields, hints)

    def edit(
        self, tenant: str, configuration_id: str, changes: Changes, *, by: str, expected: int | None = None
    ) -> Saved:
        """Change fields; `expected` is the version that the change was made from, None whatever stands there.

        Orders under way keep the version they began with; a hint says how many.
        """
        now = self._existing(tenant, configuration_id)
        if expected not in (None, now.config.version):
            raise Refused(
                Why.OUTDATED,
                "changed_meanwhile",
                f"The configuration {configuration_id} is at version {now.config.version} by now, not {expected}.",
                "Read it again, then change it.",
            )
        before = self._fields(now)
        fields = complete(before, changes)
        if fields == before and not changes.private_key:
            return Saved(self._view(now), (), changed=False)
        connection = self._prepared(tenant, now.connection)
        place = Place(now.connection, now.shop_id, now.payment_code)
        coming_back = fields.active and not now.active
        _, hints = self._erp.chosen(tenant, place, fields, gone_is_final=coming_back)
        keys = self._accounts.proven(tenant, fields, now)
        hints += self._erp.signs(connection, place, fields)
        wanted = replace(now, config=self._config(tenant, now.id, fields, keys, now.config))
        self._save(wanted, keys, by=by, expected=now.config.version)
        if fields.active != now.active:
            with explained():
                self._ports.directory.set_active(now.id, fields.active, by=by)
        saved = self._existing(tenant, configuration_id)
        if saved.config.version != now.config.version:
            hints += self._open_orders(saved)
        return Saved(self._view(saved), hints, changed=saved != now or keys.account is not None)

    def set_active(self, tenant: str, configuration_id: str, active: bool, *, by: str) -> Saved:
        """Switch a configuration on or off; on only if the ERP still offers its payment type."""
        now = self._existing(tenant, configuration_id)
        hints: tuple[Hint, ...] = ()
        if active and not now.active:
            place = Place(now.connection, now.shop_id, now.payment_code)
            _, hints = self._erp.chosen(tenant, place, self._fields(now), gone_is_final=True)
        with explained():
            self._ports.directory.set_active(configuration_id, active, by=by)
        return Saved(self.get(tenant, configuration_id), hints, changed=now.active != active)

    def _prepared(self, tenant: str, connection: str) -> ErpConnection:
        """A connection and a mail account come first."""
        found = self._connections.get(tenant, connection).connection
        if self._ports.directory.mail_settings(tenant) is None:
            raise Refused(
                Why.CONFLICT,
                "mail_first",
                f"The tenant {tenant} has no mail account yet, so nobody would hear of problems.",
                "Set the mail account first.",
            )
        return found

    def _save(self, wanted: Configuration, keys: ProvenKeys, *, by: str, expected: int) -> None:
        with explained():
            if keys.account is not None:
                self._ports.directory.put_provider_account(
                    keys.account, callback_token=keys.callback_token, by=by, sealed=keys.sealed
                )
            self._ports.directory.put_configuration(wanted, by=by, expected=expected)

    def _config(
        self, tenant: str, configuration_id: str, fields: Fields, keys: ProvenKeys, base: OrderConfig | None
    ) -> OrderConfig:
        values: dict[str, Any] = {
            "configuration": configuration_id,
            "provider": keys.provider,
            "provider_account": keys.id,
            "mode": fields.mode,
            "xml_tag": fields.xml_tag,
            "invoice_event": fields.invoice_event,
            "return_event": fields.return_event,
            "tolerance_minor": fields.tolerance_minor,
        }
        with explained():
            if base is not None:
                return replace(base, **values)
            language = existing_tenant(tenant, self._ports.directory.tenant(tenant)).language
            return OrderConfig(**values, version=0, language=language)

    def _open_orders(self, saved: Configuration) -> tuple[Hint, ...]:
        count = self._ports.open_orders.open_under(saved.id)
        if not count:
            return ()
        who = "One open order keeps the version it" if count == 1 else f"{count} open orders keep the version they"
        return (Hint("open_orders", f"{who} began with."),)

    def _view(self, configuration: Configuration) -> ConfigurationView:
        connection = self._ports.directory.erp_connection(configuration.tenant, configuration.connection)
        in_force = configuration.active and connection is not None and connection.active
        return ConfigurationView(configuration, self._fields(configuration), in_force)

    def _fields(self, of: Configuration) -> Fields:
        account = self._ports.directory.provider_account(of.config.provider_account)
        by_itself = of.config.provider in self._ports.renewing
        keys = account if account is not None and not by_itself else None
        return Fields(
            active=of.active,
            invoice_event=of.config.invoice_event,
            return_event=of.config.return_event,
            xml_tag=of.config.xml_tag,
            tolerance_minor=of.config.tolerance_minor,
            public_key=keys.public_key if keys else "",
            mode=of.config.mode,
            provider_url=keys.base_url if keys else "",
            account=of.config.provider_account if by_itself else "",
        )

    def _is(self, there: Configuration, fields: Fields) -> bool:
        """Whether just this was entered before."""
        account = self._ports.directory.provider_account(there.config.provider_account)
        present = kept(self._ports.vault, account.secret_ref) if account is not None else ""
        now = self._fields(there)
        url = fields.provider_url or now.provider_url
        return replace(fields, private_key="", provider_url=url) == now and fields.private_key in ("", present)

    def _existing(self, tenant: str, configuration_id: str) -> Configuration:
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        found = self._ports.directory.configuration(configuration_id)
        if found is None or found.tenant != tenant:
            raise Refused(
                Why.MISSING,
                "unknown_configuration",
                f"The tenant {tenant} has no configuration {configuration_id}.",
                "The list of configurations shows which there are.",
            )
        return found
