"""The operators' commands for gates and tokens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from domain.parties import Tenant
from settings import Settings
from storage.migrate import migrate
from storage.tokens import Tokens

GATE = "mail/acme/acme"
RUN = CliRunner()


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A database with one real and one simulated tenant, as the commands find it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOLDFAST_DATABASE_URL", f"sqlite:///{tmp_path / 'holdfast.db'}")
    monkeypatch.setenv("HOLDFAST_PROFILE", "embedded")
    migrate(f"sqlite:///{tmp_path / 'holdfast.db'}")
    found = Stores.open(Settings())
    found.directory.put_tenant(Tenant("acme", "Acme"))
    found.directory.put_tenant(Tenant("demo", "Demo", simulated=True))
    return found


def test_a_gate_whose_name_is_misspelt_is_refused(stores: Stores) -> None:
    """Pausing a gate at which nobody asks would stop nothing: the command says which gates there are."""
    for command in (["pause", "--reason", "x"], ["resume"], ["rate", "1"]):
        told = RUN.invoke(app, ["gates", command[0], "mail/acmee/acme", *command[1:]])
        assert told.exit_code == 2
        assert "mail/acme/acme" in " ".join(told.output.replace("│", " ").split())
    assert stores.gates.all() == ()


def test_a_pause_lasts_as_long_as_was_said_in_the_time_of_its_tenant(stores: Stores) -> None:
    """Half an hour of a tenant that lives in March is half an hour in March."""
    march = timedelta(days=120)
    stores.clocks.set_offset("demo", march)
    for name in (GATE, "mail/demo/demo"):
        assert RUN.invoke(app, ["gates", "pause", name, "--reason", "x", "--minutes", "30"]).exit_code == 0
    real, simulated = (one.paused_until for one in stores.gates.all())
    assert real is not None
    assert simulated is not None
    assert real < datetime.now(UTC) + timedelta(minutes=31)
    assert timedelta(0) <= simulated - real - march < timedelta(minutes=1)


def test_a_rate_that_lets_no_effect_through_is_refused(stores: Stores) -> None:
    """One request a minute would begin each effect anew for ever; the command says what the least is."""
    told = RUN.invoke(app, ["gates", "rate", GATE, "0.01"])
    assert told.exit_code == 2
    assert "0.05" in told.output
    assert stores.gates.all() == ()


def test_the_id_of_a_token_can_be_copied(stores: Stores) -> None:
    """However narrow the terminal: the list shows the whole id, which `deactivate` wants."""
    Tokens(stores.db).add("a label that is rather long", frozenset({"orders:read", "orders:write"}), tenant="acme")
    (token,) = Tokens(stores.db).all()
    assert token.id in RUN.invoke(app, ["tokens", "list"], env={"COLUMNS": "80"}).output
    assert RUN.invoke(app, ["tokens", "deactivate", token.id]).exit_code == 0
