"""The stage of the demo: its tenant in our database, its accounts in the sandboxes, and the hooks of the stories."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from cli.demo_stories import TAGS, Act, Story
from cli.processes import LOOPBACK, Places
from cli.wiring import Stores
from domain.tenant_config import AppMode, Language, OrderConfig
from storage.parties import Configuration, ErpConnection, MailSecurity, MailSettings, ProviderAccount, Tenant
from storage.tokens import Tokens

TENANT = "demo"
CONNECTION = "pixi"
SHOP = "DEM"
ERP_ACCOUNT = "DEM"
PROVIDER_ACCOUNT = "demo"
SIMULATED_POLL = timedelta(days=30)
RECIPIENT = "payments@demo.example"


@dataclass(frozen=True)
class Cast:
    """A demo order as it was imported: its numbers and its payment."""

    story: Story
    order_no: str
    payment_id: str


class Stage:
    """Speaks to the sandboxes' hooks as the shop, the warehouse and the customers would."""

    def __init__(self, places: Places, stores: Stores) -> None:
        self._places = places
        self._stores = stores
        self._http = httpx.Client(timeout=30, trust_env=False)
        self.pixi = f"{places.url(places.pixi)}/control/accounts/{ERP_ACCOUNT}"
        self.unzer = f"{places.url(places.unzer)}/control/accounts/{PROVIDER_ACCOUNT}"

    def close(self) -> None:
        self._http.close()

    # -- before the play

    def set_up(self) -> str:
        """Create what is missing; returns the API token of the demo, '' when it was made by an earlier start."""
        self._accounts()
        self._tenant(secrets.token_urlsafe(32))
        known = Tokens(self._stores.db)
        if any(one.label == "demo" for one in known.all(TENANT)):
            return ""
        return known.add("demo", frozenset({"orders:read", "orders:write"}), tenant=TENANT)

    def _accounts(self) -> None:
        types = [{"code": code, "text": tag, "xml_tag": tag} for code, tag in TAGS.items()]
        self._call("PUT", self.pixi, payment_types=types)
        self._call("PUT", self.unzer)

    def _tenant(self, callback_token: str) -> None:
        directory, vault, places = self._stores.directory, self._stores.secrets, self._places
        if directory.tenant(TENANT) is not None:
            return
        directory.put_tenant(Tenant(TENANT, "Demo GmbH", Language.GERMAN, simulated=True))
        vault.put("demo/pixi", "sandbox")
        vault.put("demo/unzer", f"s-priv-{PROVIDER_ACCOUNT}")
        directory.put_erp_connection(
            ErpConnection(
                tenant=TENANT,
                name=CONNECTION,
                base_url=f"{places.url(places.pixi)}/soap/pixi{ERP_ACCOUNT}/",
                username=f"pixi{ERP_ACCOUNT}",
                password_ref="demo/pixi",
                poll_interval=SIMULATED_POLL,
            )
        )
        account = ProviderAccount(
            id=PROVIDER_ACCOUNT,
            tenant=TENANT,
            provider="unzer",
            base_url=places.url(places.unzer),
            public_key=f"s-pub-{PROVIDER_ACCOUNT}",
            secret_ref="demo/unzer",
        )
        directory.put_provider_account(account, callback_token=callback_token)
        directory.put_mail_settings(
            MailSettings(
                tenant=TENANT,
                host=LOOPBACK,
                port=places.smtp,
                sender="holdfast@demo.example",
                recipient=RECIPIENT,
                security=MailSecurity.NONE,
            )
        )
        for code, tag in TAGS.items():
            mode = AppMode.STANDARD if tag.endswith("NOW") else AppMode.EXPERT
            directory.put_configuration(Configuration(TENANT, CONNECTION, SHOP, code, _config(code, tag, mode)))
        self._register_callback(callback_token)

    def _register_callback(self, token: str) -> None:
        url = f"{self._places.url(self._places.starter)}/callbacks/v1.0/unzer/{TENANT}/{token}"
        answer = self._http.post(
            f"{self._places.url(self._places.unzer)}/v1/webhooks",
            json={"url": url, "eventList": ["payment", "charge", "authorize", "chargeback"]},
            auth=(f"s-priv-{PROVIDER_ACCOUNT}", ""),
        )
        answer.raise_for_status()

    # -- during the play

    def imports(self, story: Story) -> Cast:
        """The shop takes the order and hands it to the ERP."""
        payment_id = ""
        if story.payment is not None:
            payment_id = self._call("POST", f"{self.unzer}/payments", **story.payment, order_id=story.name)[
                "payment_id"
            ]
        order = {
            "order_nr_external": f"W-{story.name}",
            "shop_id": SHOP,
            "payment_code": story.code,
            "kk_id": payment_id,
            "xml_tag": TAGS[story.code],
            "lines": [
                {"sku": f"ART-{number}", "name": f"Artikel {number}", "qty": 1, "price": price}
                for number, price in enumerate(story.prices, 1)
            ],
            "ship_cost_minor": 0,
            "customer": {"external_nr": story.name, "first_name": "Erika", "last_name": "Jäger"},
        }
        if story.by_hand:
            known = self._call("GET", f"{self.pixi}/orders")
            order["order_nr"] = max([int(one["order_nr"]) for one in known], default=200_000) + 1
            order["order_nr_external"] = f"P{order['order_nr']}"
        number = str(self._call("POST", f"{self.pixi}/orders", **order)["order_nr"])
        return Cast(story, number, payment_id)

    def act(self, cast: Cast, act: Act) -> None:
        """One thing that the warehouse, the customer or the provider does."""
        order, payment = f"{self.pixi}/orders/{cast.order_no}", f"{self.unzer}/payments/{cast.payment_id}"
        match act.what:
            case "ship":
                self._call("POST", f"{order}/ship", **{"lines": None, **act.body})
            case "cancel":
                self._call("POST", f"{order}/cancel-lines", **act.body)
            case "receipt" | "complete" | "expire":
                self._call("POST", f"{payment}/{act.what}", **act.body)
            case "fault":
                self._call("POST", f"{self.unzer}/faults", **act.body, match={"payment_id": cast.payment_id})
            case other:
                raise ValueError(f"the stage cannot {other}")

    # -- after the play

    def effects(self, system: str) -> list[dict[str, Any]]:
        """Everything that took effect in one sandbox through its interface."""
        found: list[dict[str, Any]] = self._call("GET", f"{system}/effects")
        return found

    def order(self, cast: Cast) -> dict[str, Any]:
        """The order as it stands in the ERP."""
        found: dict[str, Any] = self._call("GET", f"{self.pixi}/orders/{cast.order_no}")
        return found

    def violations(self) -> list[dict[str, Any]]:
        """Requests that broke a rule of the ERP."""
        found: list[dict[str, Any]] = self._call("GET", f"{self.pixi}/violations")
        return found

    def mails(self) -> list[dict[str, Any]]:
        """Everything that was mailed to the demo's recipient."""
        found: list[dict[str, Any]] = self._call("GET", f"{self._places.url(self._places.mailbox)}/messages")
        return [one for one in found if RECIPIENT in str(one["to"])]

    def _call(self, method: str, url: str, **body: object) -> Any:
        answer = self._http.request(method, url, json=body if method != "GET" else None)
        if answer.is_error:
            raise RuntimeError(f"{method} {url} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None


def _config(code: str, tag: str, mode: AppMode) -> OrderConfig:
    return OrderConfig(
        configuration=f"{TENANT}-{code}",
        version=1,
        provider="unzer",
        provider_account=PROVIDER_ACCOUNT,
        mode=mode,
        xml_tag=tag,
        invoice_event="UZE",
        return_event="UZR",
        tolerance_minor=1,
        language=Language.GERMAN,
    )


def day_of(start: datetime, now: datetime) -> str:
    """`day 3, 14:05` of the play."""
    passed = now - start
    hours, minutes = divmod(int(passed.total_seconds()) // 60 % (24 * 60), 60)
    return f"day {passed.days:>2} +{hours:02}:{minutes:02}"
