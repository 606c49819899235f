"""A merchant account at the sandbox, and requests about its holds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.client import API_VERSION
from domain.authorization.ports import (
    AuthorizeRequest,
    Case,
    HoldCaptureRequest,
    HoldRefundRequest,
    HoldVoidRequest,
)
from domain.errors import NotSent
from domain.ports import Permits

AMOUNT = 10_000
REFERENCE = "REF7QX2M4ZK5T6"


@dataclass
class Merchant:
    """One account of the sandbox: what a shop has done there, what goes wrong, and what really happened."""

    name: str
    url: str
    http: httpx.Client = field(repr=False)
    requests: int = 0

    @classmethod
    def create(cls, http: httpx.Client, url: str, name: str, **settings: Any) -> "Merchant":
        made = cls(name, url, http)
        made.configure(**settings)
        return made

    def configure(self, **settings: Any) -> None:
        self.http.put(f"{self.url}/control/accounts/{self.name}", json=settings).raise_for_status()

    def account(self, **changed: Any) -> StripeAccount:
        values = {
            "name": self.name,
            "secret_key": f"sk_test_{self.name}",
            "base_url": self.url,
            "timeout_seconds": 10.0,
        }
        return StripeAccount(**{**values, **changed})

    def seed(self, amount: int = AMOUNT, **more: Any) -> dict[str, Any]:
        """A payment as the shop would have made it with its customer."""
        return self._post("payments", {"amount_minor": amount, **more})

    def hold(self, amount: int = AMOUNT, **more: Any) -> str:
        """The id of such a payment."""
        return str(self.seed(amount, **more)["payment_intent"])

    def happens(self, intent: str, what: str, **facts: Any) -> dict[str, Any]:
        """Something that somebody else does to a payment: capture, cancel, refund, expire, authenticate."""
        return self._post(f"payments/{intent}/{what}", facts)

    def fault(self, kind: str, call: str, **more: Any) -> None:
        self._post("faults", {"kind": kind, "call": call, **more})

    def special(self, name: str, call: str, **params: Any) -> None:
        self.fault("special", call, name=name, params=params)

    def lay_down(self, *outcomes: Any, **narrowed: Any) -> None:
        """What the issuer says to the next attempts."""
        self._post("outcomes", {"outcomes": list(outcomes), **narrowed})

    def stand_at(self, instant: datetime) -> None:
        """Freeze the account's clock."""
        body = {"instant": instant.isoformat(), "frozen": True}
        self.http.put(self._at("clock"), json=body).raise_for_status()

    def forward(self, time: timedelta) -> None:
        """Set the account's clock forward, in real time's steps."""
        self.http.put(self._at("clock"), json={"offset_seconds": time.total_seconds()}).raise_for_status()

    def payment(self, intent: str) -> dict[str, Any]:
        return dict(self.http.get(self._at(f"payments/{intent}")).raise_for_status().json())

    def payments(self) -> list[dict[str, Any]]:
        return list(self.http.get(self._at("payments")).raise_for_status().json())

    def effects(self) -> list[tuple[str, int]]:
        """Every movement of money that the API brought about: what and how much."""
        return [(one["kind"], one["amount_minor"]) for one in self.movements() if one["by"] == "api"]

    def movements(self) -> list[dict[str, Any]]:
        """Every movement of money, whoever was behind it."""
        return list(self.http.get(self._at("effects")).raise_for_status().json())

    def log(self) -> list[dict[str, Any]]:
        return list(self.http.get(self._at("log")).raise_for_status().json())

    def calls(self) -> list[str]:
        """The names of all requests of the API."""
        return [one["call"] for one in self.log()]

    def sent(self) -> list[dict[str, Any]]:
        """The logged requests that change something."""
        return [one for one in self.log() if one["method"] == "POST"]

    def violations(self) -> list[str]:
        return [one["rule"] for one in self.http.get(self._at("violations")).raise_for_status().json()]

    def api(self, path: str, **body: Any) -> dict[str, Any]:
        """A request of the merchant's own, beside ours."""
        self.requests += 1
        headers = {"Authorization": f"Bearer sk_test_{self.name}", "Idempotency-Key": f"shop-{self.requests}"}
        headers["Stripe-Version"] = API_VERSION
        return dict(self.http.post(f"{self.url}/v1/{path}", data=body, headers=headers).raise_for_status().json())

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.post(self._at(what), json=body).raise_for_status().json())

    def _at(self, what: str) -> str:
        return f"{self.url}/control/accounts/{self.name}/{what}"


def case(first: str, **more: Any) -> Case:
    """An authorization that began with this hold."""
    return Case(first, "EUR", **{"case_reference": "SO-1", "payout_reference": "PAYOUT-1", **more})


def authorization(first: str, amount: int = AMOUNT, **more: Any) -> AuthorizeRequest:
    """A renewal or split that follows the first hold."""
    facts = {"case": case(first), "reference": REFERENCE, "previous_hold_id": first, **more}
    return AuthorizeRequest(amount_minor=amount, **facts)


def capture(hold: str, amount: int = AMOUNT, **more: Any) -> HoldCaptureRequest:
    """A capture of a parcel."""
    return HoldCaptureRequest(case(hold), hold, amount, **{"reference": REFERENCE, "document": "RE-1", **more})


def void(hold: str, amount: int = AMOUNT, **more: Any) -> HoldVoidRequest:
    """A void of what is left."""
    return HoldVoidRequest(case(hold), hold, amount, **{"reference": REFERENCE, **more})


def refund(hold: str, amount: int = AMOUNT, **more: Any) -> HoldRefundRequest:
    """A refund for a credit note."""
    return HoldRefundRequest(case(hold), hold, amount, **{"reference": REFERENCE, "document": "GS-1", **more})


@dataclass
class Asked:
    """Notes what the adapter asks leave for; `looks` and `sends` are how many it gets, None for any number."""

    looks: int | None = None
    sends: int | None = None
    reason: str = "paused"
    retry_at: datetime | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def permits(self) -> Permits:
        return Permits(send=lambda: self._ask("send", self.sends), look=lambda: self._ask("look", self.looks))

    def _ask(self, what: str, let: int | None) -> None:
        if let is not None and self.asked.count(what) >= let:
            raise NotSent(self.reason, self.retry_at)
        self.asked.append(what)
