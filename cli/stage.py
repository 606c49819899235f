"""A tenant on the sandboxes: its directory entries, its accounts in the sandboxes, and the hooks of the outside world.

The demo plays on one; tests set up as many side by side as they need.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from cli.processes import LOOPBACK, Places
from cli.wiring import Stores
from domain.parties import Configuration, ErpConnection, MailSecurity, MailSettings, ProviderAccount, Tenant
from domain.tenant_config import AppMode, Language, OrderConfig
from simulation.clock import SandboxClock
from storage.tokens import Tokens

SIMULATED_POLL = timedelta(days=30)  # simulation relies on being told to look
INVOICE_EVENT, RETURN_EVENT = "UZE", "UZR"


class NotNow(RuntimeError):
    """What a hook was asked for is not possible as things stand, shipping a locked order for example."""


@dataclass(frozen=True)
class Code:
    """A payment code of the shop and how its orders are treated."""

    code: str
    xml_tag: str
    mode: AppMode = AppMode.EXPERT
    settings: Mapping[str, Any] = field(default_factory=dict)  # further fields of `OrderConfig`


CODES = (
    Code("K", "UZCARD", AppMode.EXPERT),
    Code("S", "UZCARDNOW", AppMode.STANDARD),
    Code("V", "UZPRE"),
    Code("R", "UZPLI"),
)


@dataclass(frozen=True)
class Role:
    """Who plays: a tenant and its accounts. Every tenant has accounts of its own in every sandbox."""

    tenant: str = "demo"
    name: str = "Demo GmbH"
    connection: str = "pixi"
    shop: str = "DEM"
    erp_account: str = "DEM"
    provider_account: str = "demo"
    simulated: bool = True
    poll_interval: timedelta = SIMULATED_POLL
    codes: tuple[Code, ...] = CODES
    tolerance_minor: int = 1
    language: Language = Language.GERMAN

    @property
    def recipient(self) -> str:
        """Where this tenant's problem mails go."""
        return f"payments@{self.tenant}.example"

    def config(self, code: Code) -> OrderConfig:
        """What orders of a payment code freeze."""
        return OrderConfig(
            configuration=f"{self.tenant}-{code.code}",
            version=1,
            provider="unzer",
            provider_account=self.provider_account,
            mode=code.mode,
            xml_tag=code.xml_tag,
            invoice_event=INVOICE_EVENT,
            return_event=RETURN_EVENT,
            **{"tolerance_minor": self.tolerance_minor, "language": self.language, **code.settings},
        )


class Stage:
    """Speaks to the sandboxes' hooks as the shop, the warehouse and the customers would."""

    def __init__(self, places: Places, stores: Stores, role: Role = Role()) -> None:
        self.role = role
        self._places = places
        self._stores = stores
        self._http = httpx.Client(timeout=60, trust_env=False)
        self.pixi = f"{places.url(places.pixi)}/control/accounts/{role.erp_account}"
        self.unzer = f"{places.url(places.unzer)}/control/accounts/{role.provider_account}"

    def close(self) -> None:
        self._http.close()

    def clocks(self) -> tuple[SandboxClock, ...]:
        """The clocks of this tenant's accounts, for the driver of its simulated time."""
        places, role = self._places, self.role
        return (
            SandboxClock(places.url(places.pixi), role.erp_account),
            SandboxClock(places.url(places.unzer), role.provider_account),
        )

    # -- before the play

    def set_up(self, *, webhooks: bool = True) -> str:
        """Create what is missing; returns a new API token, '' when an earlier start made one."""
        self._accounts()
        self._tenant(webhooks)
        tokens = Tokens(self._stores.db)
        if any(one.label == "demo" for one in tokens.all(self.role.tenant)):
            return ""
        return tokens.add("demo", frozenset({"orders:read", "orders:write"}), tenant=self.role.tenant)

    def _accounts(self) -> None:
        types = [{"code": one.code, "text": one.xml_tag, "xml_tag": one.xml_tag} for one in self.role.codes]
        shops = [{"id": self.role.shop, "name": self.role.name, "currency": "EUR"}]
        self.call("PUT", self.pixi, payment_types=types, shops=shops)
        self.call("PUT", self.unzer)

    def _tenant(self, webhooks: bool) -> None:
        directory, vault, places, role = self._stores.directory, self._stores.secrets, self._places, self.role
        if directory.tenant(role.tenant) is not None:
            return
        keys = self.call("GET", self.unzer)
        directory.put_tenant(Tenant(role.tenant, role.name, role.language, simulated=role.simulated))
        vault.put(f"{role.tenant}/pixi", "sandbox")
        vault.put(f"{role.tenant}/unzer", keys["private_key"])
        directory.put_erp_connection(
            ErpConnection(
                tenant=role.tenant,
                name=role.connection,
                base_url=f"{places.url(places.pixi)}/soap/pixi{role.erp_account}/",
                username=f"pixi{role.erp_account}",
                password_ref=f"{role.tenant}/pixi",
                poll_interval=role.poll_interval,
            )
        )
        account = ProviderAccount(
            id=role.provider_account,
            tenant=role.tenant,
            provider="unzer",
            base_url=places.url(places.unzer),
            public_key=keys["public_key"],
            secret_ref=f"{role.tenant}/unzer",
        )
        callback_token = secrets.token_urlsafe(32)
        directory.put_provider_account(account, callback_token=callback_token)
        directory.put_mail_settings(
            MailSettings(
                tenant=role.tenant,
                host=LOOPBACK,
                port=places.smtp,
                sender="holdfast@holdfast.example",
                recipient=role.recipient,
                security=MailSecurity.NONE,
            )
        )
        for code in role.codes:
            directory.put_configuration(
                Configuration(role.tenant, role.connection, role.shop, code.code, role.config(code))
            )
        if webhooks:
            self._register_callback(keys["private_key"], callback_token)

    def _register_callback(self, private_key: str, token: str) -> None:
        starter = self._places.url(self._places.starter)
        url = f"{starter}/callbacks/v1.0/unzer/{quote(self.role.tenant, safe='')}/{token}"
        answer = self._http.post(
            f"{self._places.url(self._places.unzer)}/v1/webhooks",
            json={"url": url, "eventList": ["payment", "charge", "authorize", "chargeback"]},
            auth=(private_key, ""),
        )
        answer.raise_for_status()

    # -- during the play

    def seed_payment(self, **seed: object) -> str:
        """A customer pays in the shop; returns the payment's id."""
        return str(self.call("POST", f"{self.unzer}/payments", **seed)["payment_id"])

    def import_order(self, **order: object) -> dict[str, Any]:
        """The shop hands an order to the ERP; returns its number and total."""
        found: dict[str, Any] = self.call("POST", f"{self.pixi}/orders", **order)
        return found

    def import_orders(self, orders: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        """Many at once."""
        answer = self._http.post(f"{self.pixi}/orders", json=list(orders))
        if answer.is_error:
            raise RuntimeError(f"the import of {len(orders)} orders was answered {answer.status_code}")
        found: list[dict[str, Any]] = answer.json()
        return found

    def at_order(self, order_no: str, hook: str, **body: object) -> Any:
        """Something happens to an order in the ERP: ship, cancel-lines, return, lock, ..."""
        return self.call("POST", f"{self.pixi}/orders/{order_no}/{hook}", **body)

    def at_payment(self, payment_id: str, hook: str, **body: object) -> Any:
        """Something happens to a payment: receipt, complete, fail, expire, chargeback, ..."""
        return self.call("POST", f"{self.unzer}/payments/{payment_id}/{hook}", **body)

    def arm(self, system: str, **fault: object) -> None:
        """Arm a fault in a sandbox (`stage.pixi` or `stage.unzer`)."""
        self.call("POST", f"{system}/faults", **fault)

    # -- after the play

    def effects(self, system: str) -> list[dict[str, Any]]:
        """Everything that took effect in one sandbox through its interface."""
        found: list[dict[str, Any]] = self.call("GET", f"{system}/effects")
        return found

    def order(self, order_no: str) -> dict[str, Any]:
        """The order as it stands in the ERP."""
        found: dict[str, Any] = self.call("GET", f"{self.pixi}/orders/{order_no}")
        return found

    def payment(self, payment_id: str) -> dict[str, Any]:
        """The payment as it stands at the provider."""
        found: dict[str, Any] = self.call("GET", f"{self.unzer}/payments/{payment_id}")
        return found

    def violations(self) -> list[dict[str, Any]]:
        """Requests that broke a rule of the ERP."""
        found: list[dict[str, Any]] = self.call("GET", f"{self.pixi}/violations")
        return found

    def mails(self) -> list[dict[str, Any]]:
        """Everything that was mailed to this tenant's recipient, oldest first."""
        url = f"{self._places.url(self._places.mailbox)}/messages"
        answer = self._http.get(url, params={"to": self.role.recipient})
        answer.raise_for_status()
        return list(reversed(answer.json()))

    def call(self, method: str, url: str, **body: object) -> Any:
        """One request to a hook; RuntimeError with its answer when it is refused, NotNow when just now."""
        answer = self._http.request(method, url, json=body if method != "GET" else None)
        if answer.is_error:
            refused = NotNow if answer.status_code == httpx.codes.CONFLICT else RuntimeError
            raise refused(f"{method} {url} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None
