"""A mailbox as a process of its own, emptied before each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.sandbox_process import SandboxProcess, start_sandbox


@dataclass
class Box:
    """A running mailbox with the two ways to reach it."""

    process: SandboxProcess
    http: httpx.Client
    smtp_port: int

    def connect(self) -> SMTP:
        return SMTP("127.0.0.1", self.smtp_port, timeout=20)

    def send(self, subject: str = "hello", *, to: str = "a@shop.example", text: str = "body") -> None:
        with self.connect() as smtp:
            smtp.send_message(letter(subject, to=to, text=text))

    def arm(self, **fault: Any) -> None:
        self.http.post("/control/faults", json=fault).raise_for_status()

    def messages(self, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/messages", params=query).json()
        return found


def letter(subject: str, *, to: str = "a@shop.example", text: str = "body") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "holdfast@merchant.example", to, subject
    message["Message-ID"] = f"<{abs(hash(subject))}@merchant.example>"
    message.set_content(text)
    return message


@pytest.fixture(scope="module")
def start_box() -> Iterator[Callable[..., Box]]:
    started: list[Box] = []

    def start(*extra: str, state: Path | None = None) -> Box:
        port = free_port()
        process = start_sandbox("sandboxes.mailbox", state=state, extra=["--smtp-port", str(port), *extra])
        started.append(Box(process, httpx.Client(base_url=process.url, trust_env=False), port))
        return started[-1]

    yield start
    for box in started:
        box.http.close()
        box.process.stop()


@pytest.fixture(scope="module")
def shared_box(start_box: Callable[..., Box]) -> Box:
    return start_box()


@pytest.fixture
def box(shared_box: Box) -> Box:
    """The mailbox of this module without any mail or fault."""
    empty = shared_box
    empty.http.delete("/messages").raise_for_status()
    empty.http.delete("/control/faults").raise_for_status()
    return empty
