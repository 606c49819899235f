"""A merchant account in the sandbox, as the contract tests steer it through the control routes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.unzer.account import UnzerAccount
from domain.operations import Cause
from domain.ports import CaptureRequest, RefundRequest, ShipmentRequest, VoidRequest

AMOUNT = 11_990
REFERENCE = "MZXW6YTBOI5GKZLMMZXW6YTBOI5GKZLM"


@dataclass(frozen=True)
class Merchant:
    """One account of the sandbox at `url`, and how our side reaches it."""

    name: str
    url: str
    private_key: str
    public_key: str
    http: httpx.Client

    @classmethod
    def create(cls, http: httpx.Client, url: str, name: str, **settings: Any) -> "Merchant":
        made = http.put(f"{url}/control/accounts/{name}", json=settings).raise_for_status().json()
        return cls(name, url, made["private_key"], made["public_key"], http)

    def account(self, **changed: Any) -> UnzerAccount:
        values = {
            "name": self.name,
            "base_url": self.url,
            "public_key": self.public_key,
            "private_key": self.private_key,
            "timeout_seconds": 10.0,
            "token_url": self.url,
        }
        return UnzerAccount(**{**values, **changed})

    def seed(self, type_: str = "card", *, state: str = "authorized", amount: int = AMOUNT, **more: Any) -> str:
        """A payment as the shop would have made it; returns its id."""
        made = self._post("payments", {"type": type_, "state": state, "amount_minor": amount, **more})
        return str(made["payment_id"])

    def happens(self, payment_id: str, what: str, **facts: Any) -> dict[str, Any]:
        """Something that happens to a payment outside the API: receipt, expire, chargeback, complete, fail, review."""
        return self._post(f"payments/{payment_id}/{what}", facts)

    def fault(self, kind: str, call: str = "capture", **more: Any) -> None:
        self._post("faults", {"kind": kind, "call": call, **more})

    def special(self, name: str, call: str = "capture", **params: Any) -> None:
        self.fault("special", call, name=name, params=params)

    def forward(self, seconds: float) -> None:
        """Set the account's clock forward."""
        self.http.put(self._at("clock"), json={"offset_seconds": seconds}).raise_for_status()

    def effects(self, kind: str = "*") -> list[dict[str, Any]]:
        """Every write of one kind that took effect, `*` for all."""
        found = self.http.get(self._at("effects")).raise_for_status().json()
        return [one for one in found if kind in ("*", one["kind"])]

    def captures(self) -> list[dict[str, Any]]:
        """Every capture that took effect."""
        return self.effects("capture")

    def gave(self) -> list[tuple[str, str, int]]:
        """Every reversal and refund that took effect: kind, path and amount."""
        found = [one for one in self.effects() if one["kind"] in ("reversal", "refund")]
        return [(one["kind"], one["path"], one["amount_minor"]) for one in found]

    def amounts(self, payment_id: str) -> tuple[int, int, int, int]:
        """Total, charged, canceled and remaining."""
        found = self.payment(payment_id)
        total, charged, canceled, remaining = (
            int(found[f"{name}_minor"]) for name in ("total", "charged", "canceled", "remaining")
        )
        return total, charged, canceled, remaining

    def by_hand(self, payment_id: str, path: str, **body: Any) -> dict[str, Any]:
        """A request of the merchant's own, as from the provider's pages."""
        answer = self.http.post(f"{self.url}/v1/payments/{payment_id}/{path}", json=body, auth=(self.private_key, ""))
        return dict(answer.raise_for_status().json())

    def calls(self, name: str) -> list[dict[str, Any]]:
        """The logged requests of one call, `*` for all."""
        found = self.http.get(self._at("log")).raise_for_status().json()
        return [one for one in found if name in ("*", one["call"])]

    def payment(self, payment_id: str) -> dict[str, Any]:
        return dict(self.http.get(self._at(f"payments/{payment_id}")).raise_for_status().json())

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.post(self._at(what), json=body).raise_for_status().json())

    def _at(self, what: str) -> str:
        return f"{self.url}/control/accounts/{self.name}/{what}"


def request_for(payment_id: str, amount: int = AMOUNT, reference: str = REFERENCE) -> CaptureRequest:
    """A capture of an invoice."""
    return CaptureRequest(payment_id, amount, "EUR", reference, invoice_no="RE-2027-1", order_reference="SO-1")


def void_for(payment_id: str, amount: int = AMOUNT, reference: str = REFERENCE, **more: Any) -> VoidRequest:
    """A void of what is left of a cancelled order."""
    return VoidRequest(payment_id, amount, "EUR", reference, **{"order_reference": "SO-1", **more})


def refund_for(payment_id: str, amount: int = AMOUNT, reference: str = REFERENCE, **more: Any) -> RefundRequest:
    """A refund for a credit note."""
    facts = {"currency": "EUR", "cause": Cause.RETURN, "document_no": "GS-1", "order_reference": "SO-1", **more}
    return RefundRequest(payment_id, amount, reference=reference, **facts)


def shipment_for(payment_id: str, reference: str = REFERENCE) -> ShipmentRequest:
    """The shipment of an invoice."""
    return ShipmentRequest(payment_id, reference, "RE-1", order_reference="SO-1")


def eventually(condition: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until the condition holds; fails the test when it does not in time."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "the condition did not come to hold"
        time.sleep(0.02)
