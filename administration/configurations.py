"""Configurations: one per connection, shop and payment type of the ERP; checked on saving, versioned, never deleted.

An order keeps the version it started with. A copy exists once it is saved, and is checked like anything new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn
from urllib.parse import quote

from administration.connections import Connections, Offered
from administration.fields import KEY_FAULTS, Changes, Fields, complete
from administration.ports import Ports, kept
from administration.refusals import Hint, Refused, Why, existing_tenant, explained, invalid
from domain.errors import HoldfastError, Transient
from domain.parties import Configuration, ConfigurationVersion, ErpConnection, ProviderAccount, Sealed
from domain.setup import CheckState, KeyVerdict, PaymentType, Sign
from domain.tenant_config import OrderConfig
from domain.windows import erp_is_quiet


@dataclass(frozen=True)
class Place:
    """What a configuration is for."""

    connection: str
    shop_id: str
    payment_code: str


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


@dataclass(frozen=True)
class _Keys:
    """The provider account of proven keys, and what of it has to be saved; `account` is None when nothing does."""

    id: str
    account: ProviderAccount | None
    sealed: tuple[Sealed, ...] = ()
    callback_token: str | None = None


class Configurations:
    """The configurations of tenants. Every method raises `Refused`."""

    def __init__(self, ports: Ports, connections: Connections) -> None:
        self._ports = ports
        self._connections = connections

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
        there = self._at(tenant, place)
        if there is not None:
            if source is None and self._is(there, fields):
                return Saved(self._view(there), (), changed=False)
            raise _taken(there, copied_from)
        place, hints = self._chosen(tenant, place, fields, gone_is_final=True)
        keys = self._proven(tenant, fields, None)
        hints += self._signs(connection, place, fields)
        wanted = Configuration(
            tenant,
            place.connection,
            place.shop_id,
            place.payment_code,
            self._config(tenant, _id(tenant, place), fields, keys.id, source.config if source else None),
            fields.active,
        )
        self._save(wanted, keys, by=by, expected=0)
        return Saved(self.get(tenant, wanted.id), hints, changed=True)

    def draft_copy(self, tenant: str, source_id: str, place: Place) -> Draft:
        """What a copy would hold; nothing is saved."""
        self._prepared(tenant, place.connection)
        source = self._existing(tenant, source_id)
        there = self._at(tenant, place)
        if there is not None:
            raise _taken(there, source_id)
        fields = self._fields(source)
        place, hints = self._chosen(tenant, place, fields, gone_is_final=True)
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
        _, hints = self._chosen(tenant, place, fields, gone_is_final=coming_back)
        keys = self._proven(tenant, fields, now)
        hints += self._signs(connection, place, fields)
        wanted = replace(now, config=self._config(tenant, now.id, fields, keys.id, now.config))
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
            _, hints = self._chosen(tenant, place, self._fields(now), gone_is_final=True)
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

    def _chosen(
        self, tenant: str, place: Place, fields: Fields, *, gone_is_final: bool
    ) -> tuple[Place, tuple[Hint, ...]]:
        """The place in the ERP's own spelling. With `gone_is_final` what the ERP does not offer is refused."""
        try:
            offered = self._connections.offered(tenant, place.connection)
        except Refused:
            if gone_is_final:
                raise
            return place, (Hint("not_checked", "The ERP could not be asked whether it still offers the payment type."),)
        view = self._connections.get(tenant, place.connection)
        hints = [one for one in view.hints if one.code in ("inactive", "unverified")]
        if not offered.fresh:
            hints.append(
                Hint("offer_from_before", f"Checked against what the ERP offered at {offered.at:%Y-%m-%d %H:%M} UTC.")
            )
        shop = next((one for one in offered.offer.shops if one.id.lower() == place.shop_id.strip().lower()), None)
        kind = next((one for one in offered.offer.payment_types if one.code == place.payment_code.strip()), None)
        if shop is None or kind is None:
            if gone_is_final:
                _not_offered(place, offered, shop_known=shop is not None)
            hints.append(Hint("payment_type_gone", f"The ERP does not offer {place.payment_code} any more."))
            return place, tuple(hints)
        return Place(place.connection, shop.id, kind.code), (*hints, *_tag_hint(kind, fields))

    def _proven(self, tenant: str, fields: Fields, now: Configuration | None) -> _Keys:
        """The account of this key pair, which may be shared by several configurations."""
        proof, directory = self._ports.keys, self._ports.directory
        accounts = [
            one
            for one in directory.provider_accounts(tenant)
            if one.provider == proof.provider and one.public_key == fields.public_key
        ]
        mine = now.config.provider_account if now is not None else ""
        known = next((one for one in accounts if one.id == mine), accounts[0] if accounts else None)
        present = kept(self._ports.vault, known.secret_ref) if known is not None else ""
        private = fields.private_key or present
        moved = known is not None and fields.provider_url not in ("", known.base_url)
        if moved and not fields.private_key:
            raise invalid(
                "private_key",
                "The private key that is kept is not sent to another address.",
                "Give the private key together with the address.",
            )
        if not private:
            raise invalid("private_key", "A new public key needs its private key.", "Give both keys of the pair.")
        url = fields.provider_url or (known.base_url if known else proof.address(fields.public_key))
        self._judge(url, fields.public_key, private)
        if known is not None and (known.base_url, present) == (url, private):
            return _Keys(known.id, None)
        ref = f"{tenant}/{proof.provider}/{fields.public_key}"
        if known is not None:
            ref = known.secret_ref or ref
            sealed = () if present == private else (self._ports.vault.seal(ref, private),)
            return _Keys(known.id, replace(known, base_url=url, secret_ref=ref), sealed)
        account_id, token = f"{tenant}-{fields.public_key}", self._ports.token()
        with explained():
            account = ProviderAccount(account_id, tenant, proof.provider, url, fields.public_key, ref)
        secrets = (self._ports.vault.seal(ref, private), self._ports.vault.seal(callback_ref(account_id), token))
        return _Keys(account_id, account, secrets, token)

    def _judge(self, url: str, public_key: str, private_key: str) -> None:
        try:
            verdict = self._ports.keys.judge(url, public_key, private_key)
        except Transient:
            raise Refused(
                Why.LATER,
                "provider_unreachable",
                "The payment provider could not be asked whether the keys belong together.",
                "Save again in a few minutes.",
            ) from None
        if verdict is not KeyVerdict.PROVEN:
            raise invalid(*KEY_FAULTS[verdict])

    def _signs(self, connection: ErpConnection, place: Place, fields: Fields) -> tuple[Hint, ...]:
        """What the customer accounts show of the booking events; where they show nothing, a person has to know."""
        wanted = {fields.invoice_event: Sign.POSITIVE, fields.return_event: Sign.NEGATIVE}
        found = self._evidence(connection, place, wanted)
        for event, sign in wanted.items():
            if found.get(event, sign) is not sign:
                name = "invoice_event" if sign is Sign.POSITIVE else "return_event"
                raise invalid(
                    name,
                    f"The booking event {event} is {found[event].value} in the ERP's customer accounts, and it has to "
                    f"be {sign.value}.",
                    "Give the other event, or let the ERP's support create one.",
                )
        return tuple(
            Hint(
                "event_sign_unknown",
                f"The ERP does not tell the sign of booking event {event}: ask its support whether it is {sign.value}.",
            )
            for event, sign in wanted.items()
            if event not in found
        )

    def _evidence(self, connection: ErpConnection, place: Place, events: Mapping[str, Sign]) -> Mapping[str, Sign]:
        if erp_is_quiet(self._ports.now(connection.tenant)):
            return {}
        if self._ports.checks.get(connection.tenant, connection.name).state is not CheckState.PROVEN:
            return {}
        try:
            access = self._connections.access(connection.tenant, connection.name)
            return self._ports.erp.event_signs(access, place.shop_id, place.payment_code, events)
        except HoldfastError:
            return {}

    def _save(self, wanted: Configuration, keys: _Keys, *, by: str, expected: int) -> None:
        with explained():
            if keys.account is not None:
                self._ports.directory.put_provider_account(
                    keys.account, callback_token=keys.callback_token, by=by, sealed=keys.sealed
                )
            self._ports.directory.put_configuration(wanted, by=by, expected=expected)

    def _config(
        self, tenant: str, configuration_id: str, fields: Fields, account: str, base: OrderConfig | None
    ) -> OrderConfig:
        with explained():
            language = existing_tenant(tenant, self._ports.directory.tenant(tenant)).language
            start = base or OrderConfig(
                configuration=configuration_id,
                version=0,
                provider=self._ports.keys.provider,
                provider_account=account,
                mode=fields.mode,
                xml_tag=fields.xml_tag,
                invoice_event=fields.invoice_event,
                return_event=fields.return_event,
                language=language,
            )
            return replace(
                start,
                configuration=configuration_id,
                provider=self._ports.keys.provider,
                provider_account=account,
                mode=fields.mode,
                xml_tag=fields.xml_tag,
                invoice_event=fields.invoice_event,
                return_event=fields.return_event,
                tolerance_minor=fields.tolerance_minor,
            )

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
        return Fields(
            active=of.active,
            invoice_event=of.config.invoice_event,
            return_event=of.config.return_event,
            xml_tag=of.config.xml_tag,
            tolerance_minor=of.config.tolerance_minor,
            public_key=account.public_key if account else "",
            mode=of.config.mode,
            provider_url=account.base_url if account else "",
        )

    def _is(self, there: Configuration, fields: Fields) -> bool:
        """Whether just this was entered before."""
        account = self._ports.directory.provider_account(there.config.provider_account)
        present = kept(self._ports.vault, account.secret_ref) if account is not None else ""
        now = self._fields(there)
        url = fields.provider_url or now.provider_url
        return replace(fields, private_key="", provider_url=url) == now and fields.private_key in ("", present)

    def _at(self, tenant: str, place: Place) -> Configuration | None:
        """The configuration of a place, active ones first."""
        wanted = (place.connection, place.shop_id.strip().lower(), place.payment_code.strip())
        here = [
            one
            for one in self._ports.directory.configurations(tenant)
            if (one.connection, one.shop_id.lower(), one.payment_code) == wanted
        ]
        return next((one for one in here if one.active), here[0] if here else None)

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


def callback_ref(account_id: str) -> str:
    """Where the token in the callback address of an account is kept, for registering the address at the provider."""
    return f"{account_id}/callback"


def _id(tenant: str, place: Place) -> str:
    parts = (tenant, place.connection, place.shop_id, place.payment_code)
    return ".".join(quote(one, safe="").replace(".", "%2E") for one in parts)


def _taken(there: Configuration, copied_from: str) -> Refused:
    if there.id == copied_from:
        return Refused(
            Why.CONFLICT,
            "copy_onto_itself",
            f"{there.id} cannot be copied onto itself.",
            "Choose another connection, shop or payment type, or edit it.",
        )
    state = "" if there.active else ", which is switched off"
    return Refused(
        Why.CONFLICT,
        "configuration_exists",
        f"Shop {there.shop_id} and payment type {there.payment_code} of {there.connection} have the configuration "
        f"{there.id} already{state}.",
        "Edit or activate that one.",
    )


def _not_offered(place: Place, offered: Offered, *, shop_known: bool) -> NoReturn:
    if not shop_known:
        shops = ", ".join(one.id for one in offered.offer.shops) or "none"
        raise invalid("shop_id", f"The ERP has no shop {place.shop_id}; it has {shops}.", "Choose one of these shops.")
    codes = ", ".join(f"{one.code} ({one.text})" for one in offered.offer.payment_types) or "none"
    raise invalid(
        "payment_code",
        f"The ERP does not offer the payment type {place.payment_code}, or not any more; it offers {codes}.",
        "Choose one of these payment types, or create it in the ERP first.",
    )


def _tag_hint(kind: PaymentType, fields: Fields) -> tuple[Hint, ...]:
    if not kind.xml_tag or kind.xml_tag.lower() == fields.xml_tag.lower():
        return ()
    return (
        Hint(
            "xml_tag_differs",
            f"The ERP has the XML tag {kind.xml_tag} for {kind.code}, the configuration {fields.xml_tag}.",
        ),
    )
