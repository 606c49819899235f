"""`holdfast authorizations …` and `holdfast forecast` over a real database."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.authorization.facts import Action, ActionAsked, ActionKind, ActionSettled
from storage.clock import TenantClocks
from storage.database import Database
from storage.migrate import migrate
from storage.secrets import new_master_key
from storage.tables import tenants
from tests.web.world import T0, World, settings
from web.services import real_time

RUN = CliRunner()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three holds of a merchant whose clock stands at `T0`; the last runs out before its renewal could be."""
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    for name, value in (("DATABASE_URL", url), ("MASTER_KEY", new_master_key()), ("PROFILE", "fast")):
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    monkeypatch.setenv("COLUMNS", "250")
    made = World(Database(url), settings(url))
    with made.database.write() as sql:
        sql.execute(tenants.update().where(tenants.c.id == "acme").values(simulated=True))
    TenantClocks(made.database, production=False).set_offset("acme", T0 - real_time())
    made.add_hold_account()
    asked = ActionAsked("r", Action(ActionKind.CAPTURE, 20_000), T0)
    made.add_authorization("pi_1", asked, ActionSettled(T0, "r", "above_open"))
    made.add_authorization("pi_2", amount_minor=2_500, open_minor=2_500, deadline=T0 + timedelta(days=5))
    made.add_authorization("pi_3", renewable=False, currency="USD", deadline=T0 + timedelta(days=6))
    yield made
    made.database.close()


def said(*words: str, code: int = 0) -> str:
    answer = RUN.invoke(app, list(words))
    assert answer.exit_code == code, answer.output
    return answer.output


def as_json(*words: str) -> Any:
    return json.loads(said(*words, "--json"))


def test_what_runs_out_first_stands_on_top(world: World) -> None:
    found = as_json("authorizations", "list", "--tenant", "acme")
    assert [one["reference"] for one in found] == ["pi_2", "pi_3", "pi_1"]
    table = said("authorizations", "list", "--tenant", "acme", "--text", "case-pi_2")
    assert "pi_2" in table
    assert "pi_1" not in table
    assert as_json("authorizations", "list", "--tenant", "acme", "--status", "captured") == []
    assert "There are more than 1" in said("authorizations", "list", "--tenant", "acme", "--limit", "1")


def test_an_authorization_is_found_by_each_of_its_names(world: World) -> None:
    """And says why it waits and what was asked of it."""
    for name in ("pi_1", "case-pi_1"):
        told = as_json("authorizations", "show", name, "--tenant", "acme")
        assert (told["status"], told["capturable"], told["renewed_until"]) == ("held", "100.00 EUR", "2027-08-28")
        assert told["why"].startswith("100.00 EUR")
        assert told["actions"][0].endswith("capture 200.00 EUR by api: not_sent (amount higher than what is held)")
    assert "there is no" not in said("authorizations", "show", "pi_1", "--tenant", "acme")
    assert "no authorization pi_9" in said("authorizations", "show", "pi_9", "--tenant", "acme", code=2)
    assert "no authorization pi_1" in said("authorizations", "show", "pi_1", "--tenant", "rival", code=2)


def test_the_forecast_says_what_ends_and_what_that_is_worth(world: World) -> None:
    told = as_json("forecast", "--tenant", "acme", "--days", "7", "--ending")
    assert [(one["reference"], one["amount"], one["fate"]) for one in told["events"]] == [
        ("pi_3", "100.00 USD", "ends")
    ]
    assert [(one["currency"], one["ending_minor"]) for one in told["sums"]] == [("EUR", 0), ("USD", 10_000)]
    table = said("forecast", "--tenant", "acme", "--days", "7", "--limit", "1")
    assert "more are not listed" in table
    assert [one["renewed_minor"] for one in told["sums"]] == [12_500, 0]
