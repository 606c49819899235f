"""`holdfast setup account …` against the stand-ins of Stripe and Paygate: right access is told from wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from domain.parties import Tenant
from settings import Settings
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

RUN = CliRunner()


@dataclass(frozen=True)
class Outside:
    """The stand-ins, and what Paygate's says of its merchants by cipher."""

    stripe: str
    paygate: str
    merchants: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Both, with an account of the merchant."""
    folder = tmp_path_factory.mktemp("outside")
    stripe = start_sandbox("sandboxes.stripe", state=folder / "stripe.db")
    paygate = start_sandbox("sandboxes.paygate", state=folder / "paygate.db")
    with httpx.Client(trust_env=False, timeout=30) as http:
        http.put(f"{stripe.url}/control/accounts/acme", json={}).raise_for_status()
        merchants = {
            cipher: http.put(f"{paygate.url}/control/accounts/acme{cipher}", json={"cipher": cipher}).json()
            for cipher in ("blowfish", "aes")
        }
    yield Outside(stripe.url, paygate.url, merchants)
    for one in (stripe, paygate):
        one.stop()


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """The tenant acme, and nothing else."""
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    for name, value in {"DATABASE_URL": url, "PROFILE": "fast", "MASTER_KEY": new_master_key()}.items():
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    monkeypatch.setattr("cli.setup.process.configure_logs", lambda settings: None)
    migrate(url)
    opened = Stores.open(Settings())
    opened.directory.put_tenant(Tenant("acme", "Acme"))
    with capture_logs():
        yield opened
    opened.close()


def run(*words: str, stdin: str = "", code: int = 0) -> Any:
    """What a command prints as JSON."""
    told = RUN.invoke(app, ["setup", "account", *words, "--tenant", "acme", "--json"], input=stdin)
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


def refused(*words: str, stdin: str = "", code: int = 1) -> str:
    return str(run(*words, stdin=stdin, code=code)["error"]["code"])


def test_a_stripe_account(stores: Stores, outside: Outside) -> None:
    """A key of the account is taken; publishable, foreign, malformed and misdirected ones are not."""
    at = ("stripe", "cards", "--url", outside.stripe, "--key-stdin")
    wrong = {"pk_test_acme": "invalid_secret", "nonsense": "invalid_secret", "sk_test_nobody": "invalid_secret"}
    for key, expected in (wrong | {"sk_live_acme": "invalid_base_url", "": "invalid_secret"}).items():
        assert refused(*at, stdin=f"{key}\n") == expected, key
    assert run("list") == []
    made = run(*at, stdin="sk_test_acme\n")
    assert (made["provider"], made["changed"], made["version"]) == ("stripe", True, 1)
    assert stores.stripe_account("cards").secret_key == "sk_test_acme"
    assert run("stripe", "cards")["changed"] is False
    assert run("verify", "cards")["id"] == "cards"
    assert refused("stripe", "cards", "--url", "https://evil.example") == "invalid_secret"
    assert refused("stripe", "other", "--url", f"http://127.0.0.1:{free_port()}", "--key-stdin",
                   stdin="sk_test_acme\n", code=3) == "provider_unreachable"  # fmt: skip


@pytest.mark.parametrize("cipher", ["blowfish", "aes"])
def test_a_merchant_id_at_paygate(stores: Stores, outside: Outside, cipher: str) -> None:
    """Id, password, cipher and HMAC password have to fit together; one that is wrong is enough to be refused."""
    told = outside.merchants[cipher]
    right = {"merchant": told["merchant_id"], "cipher": cipher, "password": told["password"], "mac": told["hmac_key"]}

    def words(given: dict[str, str]) -> tuple[str, ...]:
        return (
            "paygate", "cards", "--merchant-id", given["merchant"], "--cipher", given["cipher"], "--url",
            outside.paygate, "--password-stdin", "--mac-password-stdin",
        )  # fmt: skip

    def secrets(given: dict[str, str]) -> str:
        return f"{given['password']}\n{given['mac']}\n"

    for wrong in (
        {"merchant": "Nobody"},
        {"password": "x" * 16},
        {"cipher": "aes" if cipher == "blowfish" else "blowfish"},
        {"mac": "another-hmac-password"},
        {"password": "x"},
    ):
        given = right | wrong
        assert refused(*words(given), stdin=secrets(given)) == "invalid_secret", wrong
    assert refused(*words(right | {"merchant": "-x"}), stdin=secrets(right)) == "invalid_merchant_id"
    assert refused(*words(right), stdin=f"{right['password']}\n\n") == "invalid_signing_secret"
    assert run("list") == []
    made = run(*words(right), stdin=secrets(right))
    assert (made["provider"], made["merchant_id"], made["cipher"]) == ("computop", right["merchant"], cipher)
    account = stores.paygate_account("cards")
    assert (account.merchant_id, account.mac_password) == (right["merchant"], right["mac"])
    assert run("verify", "cards")["version"] == 1
    assert run("paygate", "cards")["changed"] is False
