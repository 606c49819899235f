"""Nothing personal, no secret and nothing of the machine stands in a saved history."""

import re

import pytest

from tests.replay.histories import Saved, saved
from tests.replay.tales import IBAN, PERSONAL

FORBIDDEN = {
    "a mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "an IBAN": re.compile(r"\b[A-Z]{2}\d{2}[ ]?(?:\d{4}[ ]?){3,}\d{0,4}\b"),
    "a card number": re.compile(r"\b(?:\d{4}[ -]){3}\d{4}\b"),
    "a private key": re.compile(r"s-priv-\w+"),
    "a public key": re.compile(r"s-pub-\w+"),
    "a password": re.compile(r"(?i)password|authorization: |basic [a-z0-9+/=]{8}"),
    "an address of the network": re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|localhost|https?://"),
    "a path of the machine": re.compile(r"(?:/(?:home|work|tmp|root|usr|var|opt)/)|\.py\b"),
    "a process of the machine": re.compile(r"\b\d+@\w+"),
}


@pytest.mark.parametrize("one", saved(), ids=lambda one: one.title)
def test_a_history_keeps_nothing_personal(one: Saved) -> None:
    """What was seeded as customer, mail address and bank account is nowhere, whole or encoded."""
    text = one.text()
    assert [word for word in (*PERSONAL.values(), IBAN) if word.lower() in text.lower()] == []


@pytest.mark.parametrize("one", saved(), ids=lambda one: one.title)
def test_a_history_keeps_no_secret_and_no_machine(one: Saved) -> None:
    """Keys, passwords, addresses, paths and process names are nowhere."""
    text = one.text()
    assert {what: found.group() for what, pattern in FORBIDDEN.items() if (found := pattern.search(text))} == {}


def test_the_search_would_find_something() -> None:
    """Each pattern recognizes what it is meant for."""
    examples = (
        "erika@example.com",
        "DE02120300000000202051",
        "4711 1000 0000 0000",
        "s-priv-2a10",
        "s-pub-2a10",
        "Authorization: x",
        "127.0.0.1:7233",
        "/home/erika/worker",
        "4711@host",
    )
    assert all(pattern.search(text) for pattern, text in zip(FORBIDDEN.values(), examples, strict=True))
