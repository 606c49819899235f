"""Which addresses the provider calls back, per key pair: reading them, and adding ours. Those of others stay as they
are, for the shop's own module registers at the same key pair."""

from dataclasses import dataclass

from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import Answer, CallFailed, text
from adapters.unzer.client import UnzerClient
from adapters.unzer.mapping import refusal
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.ports import SendPermit

WANTED = ("payment", "charge", "authorize", "chargeback")
_EVERYTHING = "all"
_TAKEN = "API.510.310.009"
_NONE_THERE = "API.510.310.008"


@dataclass(frozen=True)
class Registration:
    """One event that is reported to one address."""

    id: str
    url: str
    event: str


class UnzerRegistrations:
    """The callbacks of accounts. Raises `Transient` when the provider cannot be asked, `Misconfigured` when it refuses
    the keys or the address."""

    def __init__(self, client: UnzerClient) -> None:
        self._client = client

    def all(self, account: UnzerAccount) -> tuple[Registration, ...]:
        """Everything that is registered for the key pair, also by others."""
        try:
            answer = self._client.get(account, "/v1/webhooks")
        except CallFailed as failure:
            raise _raised(failure) from None
        if answer.refused:
            if _NONE_THERE in answer.codes:
                return ()
            raise _refused(answer)
        rows = answer.body.get("events")
        if not isinstance(rows, list):
            raise Transient(reasons.BAD_ANSWER)
        found = [Registration(text(one, "id"), text(one, "url"), text(one, "event")) for one in map(_row, rows)]
        return tuple(one for one in found if one.url and one.event)

    def missing(self, account: UnzerAccount, url: str) -> tuple[str, ...]:
        """The events that Holdfast needs and that are not reported to `url` yet."""
        ours = {one.event for one in self.all(account) if one.url == url}
        return () if _EVERYTHING in ours else tuple(event for event in WANTED if event not in ours)

    def register(self, account: UnzerAccount, url: str, permit: SendPermit) -> tuple[str, ...]:
        """Add what is missing for `url`; returns the events that were added. Also raises what the permit raises."""
        added = []
        for event in self.missing(account, url):
            try:
                answer = self._client.post(account, "/v1/webhooks", {"url": url, "event": event}, permit)
            except CallFailed as failure:
                raise _raised(failure) from None
            if not answer.refused:
                added.append(event)
            elif _TAKEN not in answer.codes:  # taken: somebody else has just added it
                raise _refused(answer)
        return tuple(added)


def _row(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _raised(failure: CallFailed) -> Misconfigured | Transient:
    return Misconfigured(failure.reason) if failure.reason == reasons.MISCONFIGURED else Transient(failure.reason)


def _refused(answer: Answer) -> Misconfigured | Transient:
    _, reason = refusal(answer.codes)
    return Transient(reasons.BAD_ANSWER) if reason != reasons.MISCONFIGURED else Misconfigured(reason)
