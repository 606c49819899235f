"""Webhook registrations of an account and which events they ask for."""

from typing import Any

from sandboxes.unzer.errors import ApiError

_STEPS = ("succeeded", "failed", "pending", "canceled", "expired", "resumed")
_MEMBERS = {
    "authorize": _STEPS,
    "preauthorize": _STEPS,
    "charge": _STEPS,
    "payout": ("succeeded", "failed"),
    "customer": ("created", "updated", "deleted"),
    "basket": ("created", "updated", "used"),
    "payment": ("pending", "completed", "canceled", "partly", "payment_review", "chargeback"),
    "chargeback": (),
    "shipment": (),
    "types": (),
    "all": (),
}
EVENTS = frozenset(_MEMBERS) | {f"{group}.{member}" for group, members in _MEMBERS.items() for member in members}


class Webhooks:
    """Registrations in the order of their creation; each belongs to a key pair."""

    def __init__(self) -> None:
        self._serial = 0
        self._all: list[dict[str, str]] = []

    def of(self, public_key: str) -> list[dict[str, str]]:
        return [one for one in self._all if one["public_key"] == public_key]

    def every(self) -> list[dict[str, str]]:
        return list(self._all)

    def add(self, public_key: str, prefix: str, url: str, events: list[str]) -> list[dict[str, str]]:
        """Register `url` for every event; all or nothing."""
        for event in events:
            if event not in EVENTS:
                raise ApiError("API.500.300.999", f"unknown event {event}")
            if any(one["url"] == url and one["event"] == event for one in self.of(public_key)):
                raise ApiError("API.510.310.009")
        made = []
        for event in events:
            self._serial += 1
            made.append({"id": f"{prefix}-whk-{self._serial}", "url": url, "event": event, "public_key": public_key})
        self._all += made
        return made

    def get(self, public_key: str, webhook_id: str) -> dict[str, str]:
        found = next((one for one in self.of(public_key) if one["id"] == webhook_id), None)
        if found is None:
            raise ApiError("API.510.310.008")
        return found

    def remove(self, public_key: str, webhook_id: str) -> dict[str, str]:
        found = self.get(public_key, webhook_id)
        self._all.remove(found)
        return found

    def remove_all(self, public_key: str) -> list[dict[str, str]]:
        found = self.of(public_key)
        if not found:
            raise ApiError("API.510.310.008")
        self._all = [one for one in self._all if one["public_key"] != public_key]
        return found

    def listening(self, public_key: str, event: str) -> list[dict[str, str]]:
        """Registrations that ask for `event`: by its name, by its group, or for all."""
        wanted = ("all", event, event.partition(".")[0])
        return [one for one in self.of(public_key) if one["event"] in wanted]

    def dump(self) -> dict[str, Any]:
        return {"serial": self._serial, "all": self._all}

    def restore(self, data: dict[str, Any]) -> None:
        self._serial, self._all = int(data["serial"]), data["all"]


def shown(hook: dict[str, str]) -> dict[str, str]:
    """A registration as the API shows it."""
    return {"id": hook["id"], "url": hook["url"], "event": hook["event"]}
