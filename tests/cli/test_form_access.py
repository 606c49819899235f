"""`holdfast setup form-access`: a MerchantID with passwords for an account at another provider."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from domain.parties import ProviderAccount, Tenant
from settings import Settings
from storage.migrate import migrate
from storage.secrets import new_master_key

RUN = CliRunner()
SET = ["setup", "form-access", "set", "cards", "--tenant", "acme", "--json"]


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A tenant with one account."""
    for name, value in {"DATABASE_URL": f"sqlite:///{tmp_path / 'h.db'}", "MASTER_KEY": new_master_key()}.items():
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    settings = Settings()
    migrate(settings.database_url)
    opened = Stores.open(settings)
    opened.directory.put_tenant(Tenant("acme", "Acme"))
    opened.directory.put_provider_account(ProviderAccount("cards", "acme", "stripe", "https://stripe.example"))
    return opened


def test_passwords_are_made_and_shown_once(stores: Stores) -> None:
    """They open what comes under that MerchantID; `show` tells the MerchantID and nothing else."""
    told = json.loads(RUN.invoke(app, [*SET, "--merchant-id", "acme_cards"]).stdout)
    (merchant,) = stores.forms.merchants("acme_cards")
    assert (merchant.password, merchant.mac_password) == (told["password"], told["mac_password"])
    assert (merchant.account, merchant.cipher) == ("cards", "aes")
    shown = RUN.invoke(app, ["setup", "form-access", "show", "cards", "--tenant", "acme", "--json"])
    assert json.loads(shown.stdout) == {"acme_cards": "aes"}


def test_passwords_are_taken_over(stores: Stores) -> None:
    """An integration that exists keeps its own, which are not printed."""
    words = [*SET, "--merchant-id", "acme_cards", "--cipher", "blowfish", "--passwords-stdin"]
    told = RUN.invoke(app, words, input="sixteen-letters!\nanother one\n")
    assert "sixteen" not in told.stdout
    (merchant,) = stores.forms.merchants("acme_cards")
    assert (merchant.password, merchant.mac_password) == ("sixteen-letters!", "another one")


@pytest.mark.parametrize(
    ("words", "passwords"),
    [
        (["--merchant-id", "a,b"], None),
        (["--merchant-id", "ok", "--passwords-stdin"], "short\nmac\n"),
        (["--merchant-id", "ok", "--passwords-stdin"], f"{'a' * 16}\n\n"),
    ],
)
def test_what_cannot_work_is_refused(stores: Stores, words: list[str], passwords: str | None) -> None:
    """With one sentence; nothing is saved."""
    told = RUN.invoke(app, [*SET, *words], input=passwords)
    assert told.exit_code == 1
    assert json.loads(told.stdout)["error"]["message"]
    assert stores.forms.given("cards") == ()
