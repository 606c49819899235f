"""Key pairs: what is seen by looking at them, what the provider says, and that no answer of it shows anywhere."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from adapters.unzer.client import UnzerClient
from adapters.unzer.keys import LIVE_URL, SANDBOX_URL, UnzerKeys
from domain.errors import Transient
from domain.setup import KeyVerdict
from tests.contract.unzer.merchant import Merchant
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def client() -> Iterator[UnzerClient]:
    """One client for all tests, as in production."""
    made = UnzerClient(lambda: datetime.now(UTC))
    yield made
    made.close()


@pytest.fixture
def keys(client: UnzerClient, sandbox_url: str) -> UnzerKeys:
    """The sandbox is where keys for testing belong."""
    return UnzerKeys(client, sandbox_url=sandbox_url, timeout_seconds=5.0)


def test_a_pair_that_belongs_together_is_proven(merchant: Merchant, keys: UnzerKeys) -> None:
    """The provider says which public key the private one belongs to."""
    assert keys.judge(merchant.url, merchant.public_key, merchant.private_key) is KeyVerdict.PROVEN
    assert [one["call"] for one in merchant.calls("keypair")] == ["keypair"]


def test_a_key_of_somebody_else_is_told_apart(merchant: Merchant, keys: UnzerKeys, control: httpx.Client) -> None:
    """Each key is fine by itself, and together they are not."""
    other = Merchant.create(control, merchant.url, "otherkeys")
    assert keys.judge(merchant.url, merchant.public_key, other.private_key) is KeyVerdict.MISMATCH
    assert keys.judge(merchant.url, merchant.public_key, "s-priv-nobodyhasit") is KeyVerdict.REFUSED


@pytest.mark.parametrize(
    ("public_key", "private_key", "verdict"),
    [
        ("", "s-priv-1", KeyVerdict.PUBLIC_MALFORMED),
        ("s-pub-ä", "s-priv-1", KeyVerdict.PUBLIC_MALFORMED),
        ("s-pub-1\n", "s-priv-1", KeyVerdict.PUBLIC_MALFORMED),
        ("s-pub-1", "s-priv-", KeyVerdict.PRIVATE_MALFORMED),
        ("s-pub-1", "x-priv-1", KeyVerdict.PRIVATE_MALFORMED),
        ("s-pub-1", "s-pub-1", KeyVerdict.PUBLIC_AS_PRIVATE),
        ("s-priv-1", "s-priv-1", KeyVerdict.PRIVATE_AS_PUBLIC),
        ("s-priv-1", "s-pub-1", KeyVerdict.SWAPPED),
        ("s-pub-1", "p-priv-1", KeyVerdict.TEST_AND_LIVE),
        ("p-pub-1", "s-priv-1", KeyVerdict.TEST_AND_LIVE),
    ],
)
def test_what_can_be_seen_is_not_asked(
    merchant: Merchant, keys: UnzerKeys, public_key: str, private_key: str, verdict: KeyVerdict
) -> None:
    """A key of the wrong form never leaves us."""
    assert keys.judge(merchant.url, public_key, private_key) is verdict
    assert merchant.calls("*") == []


def test_real_money_and_tests_do_not_mix(client: UnzerClient, keys: UnzerKeys, sandbox_url: str) -> None:
    """A live key is not sent to the sandbox, nor a test key to the live host, by whatever name."""
    public = UnzerKeys(client)
    for judge, where in ((keys, sandbox_url), (keys, SANDBOX_URL), (public, f"{SANDBOX_URL}/")):
        assert judge.judge(where, "p-pub-1", "p-priv-1") is KeyVerdict.WRONG_ADDRESS
    assert public.judge("http://proxy.example", "p-pub-1", "p-priv-1") is KeyVerdict.WRONG_ADDRESS
    for judge in (keys, public):
        assert judge.judge(LIVE_URL, "s-pub-1", "s-priv-1") is KeyVerdict.WRONG_ADDRESS
    assert (public.address("p-pub-1"), public.address("s-pub-1")) == (LIVE_URL, SANDBOX_URL)
    assert keys.address("s-pub-1") == sandbox_url


def test_a_provider_that_cannot_be_asked_proves_nothing(merchant: Merchant, client: UnzerClient) -> None:
    """Neither yes nor no: the caller tries again later."""
    closed = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Transient):
        UnzerKeys(client, sandbox_url=closed).judge(closed, merchant.public_key, merchant.private_key)


def test_an_answer_that_says_nothing_proves_nothing(merchant: Merchant, keys: UnzerKeys) -> None:
    """A failure, a lost answer and a broken one are no proof and no refusal of the pair."""
    merchant.fault("status", "keypair", status=503)
    merchant.fault("drop_after", "keypair")
    merchant.fault("malformed", "keypair")
    for _ in range(3):
        with pytest.raises(Transient):
            keys.judge(merchant.url, merchant.public_key, merchant.private_key)


def test_no_key_is_ever_shown(
    merchant: Merchant, keys: UnzerKeys, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in logs nor in exceptions nor in a repr."""
    caplog.set_level(logging.DEBUG)
    found = [repr(keys.judge(merchant.url, merchant.public_key, merchant.private_key)), repr(keys)]
    merchant_gone = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Transient) as failure:
        keys.judge(merchant_gone, merchant.public_key, merchant.private_key)
    printed = capsys.readouterr()
    everything = "\n".join((*found, repr(failure.value), caplog.text, printed.out, printed.err))
    assert merchant.private_key not in everything
