"""The mailbox sandbox as a process of its own for the whole session, and a recipient of its own per test."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest

from adapters.mail.adapter import SmtpNotifier
from adapters.mail.settings import MailSettings
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

_numbers = count(1)


@dataclass(frozen=True)
class Postbox:
    """One recipient in the sandbox, and the settings by which mails reach it."""

    url: str
    http: httpx.Client
    settings: MailSettings

    def notifier(self, settings: MailSettings | None = None) -> SmtpNotifier:
        return SmtpNotifier({"acme": settings or self.settings}.__getitem__)

    def mails(self) -> list[dict[str, Any]]:
        """What arrived for this recipient, oldest first."""
        found = self.http.get(f"{self.url}/messages", params={"to": self.settings.recipient}).raise_for_status().json()
        return list(reversed(found))

    def fault(self, kind: str) -> None:
        to = "" if kind == "refuse" else self.settings.recipient
        self.http.post(f"{self.url}/control/faults", json={"kind": kind, "to": to}).raise_for_status()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[tuple[str, int]]:
    """Address and SMTP port of the running sandbox."""
    smtp_port = free_port()
    process = start_sandbox("sandboxes.mailbox", extra=("--smtp-port", str(smtp_port)))
    try:
        yield process.url, smtp_port
    finally:
        process.stop()


@pytest.fixture(scope="session")
def control() -> Iterator[httpx.Client]:
    """The client for control routes."""
    with httpx.Client(trust_env=False, timeout=30.0) as client:
        yield client


@pytest.fixture
def postbox(sandbox: tuple[str, int], control: httpx.Client) -> Postbox:
    """A recipient that no other test uses."""
    recipient = f"orders{next(_numbers)}@merchant.example"
    settings = MailSettings("127.0.0.1", sandbox[1], "", "", "holdfast@acme.example", recipient, False)
    return Postbox(sandbox[0], control, settings)
