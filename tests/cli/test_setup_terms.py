"""`holdfast setup terms …` over a real database, without Temporal: a worker tells the change later."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from domain.parties import MailSecurity, MailSettings, ProviderAccount, Tenant
from domain.tenant_config import Language
from settings import Settings
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.support.ports import free_port

RUN = CliRunner()


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """The tenant acme with an account at Stripe."""
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    values = {"DATABASE_URL": url, "PROFILE": "fast", "MASTER_KEY": new_master_key()}
    for name, value in (values | {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}).items():
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    monkeypatch.setattr("cli.setup.process.configure_logs", lambda settings: None)
    migrate(url)
    opened = Stores.open(Settings())
    opened.directory.put_tenant(Tenant("acme", "Acme", Language.ENGLISH))
    opened.directory.put_provider_account(ProviderAccount("cards", "acme", "stripe", "https://provider.example"))
    opened.directory.put_mail_settings(
        MailSettings("acme", "mail.example", 25, "h@x.example", "ops@x.example", MailSecurity.NONE)
    )
    with capture_logs():
        yield opened
    opened.close()


def run(*words: str, code: int = 0) -> Any:
    """What a command about the account prints as JSON."""
    told = RUN.invoke(app, ["setup", "terms", words[0], "cards", "--tenant", "acme", *words[1:], "--json"])
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


def test_terms_are_agreed_on_step_by_step(stores: Stores) -> None:
    """What is left out stays; the change waits for a worker where Temporal does not answer."""
    assert run("show")["version"] == 0
    words = ("--renew-after-days", "10", "--wider-hope-reason", "insufficient_funds", "--warn-before-hours", "36")
    first = run("set", *words, "--nightly-from", "02:15", "--by", "kim")
    assert (first["version"], first["changed"], first["renew_after_days"]) == (1, True, 10)
    second = run("set", "--no-renewal", "--no-split", "--wider-hope-reason", "", "--version", "1")
    assert (second["renew_after_days"], second["split"], second["wider_hope_reasons"]) == (None, False, [])
    assert (second["warn_before"], second["nightly_from"]) == ("1 day, 12:00:00", "02:15")
    assert run("set", "--no-split")["changed"] is False
    history = run("history")
    assert [(one["version"], one["created_by"], one["confirmation"]) for one in history] == [
        (1, "kim", "open"),
        (2, "cli", "open"),
    ]
    assert stores.terms.unfinished() == (("acme", "cards"),)
    shown = RUN.invoke(app, ["setup", "terms", "history", "cards", "--tenant", "acme"]).stdout
    assert "renew_after_days: 10 -> None" in shown


def test_what_cannot_be_is_refused_with_every_reason(stores: Stores) -> None:
    """As JSON and in words; nothing is saved."""
    wrong = ("--renew-after-days", "14", "--max-age-days", "181", "--realtime", "--channel", "file")
    error = run("set", *wrong, code=1)["error"]
    assert [one["field"] for one in error["fields"]] == ["renew_after_days", "max_age_days", "channel"]
    told = RUN.invoke(app, ["setup", "terms", "set", "cards", "--tenant", "acme", *wrong])
    assert told.exit_code == 1
    assert len([line for line in told.stderr.splitlines() if line]) == 3
    assert run("set", "--no-split", "--version", "4", code=1)["error"]["code"] == "changed_meanwhile"
    assert run("show")["version"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--renew-after-days", "seven"),
        ("--renew-after-days", "7", "--no-renewal"),
        ("--nightly-from", "noon"),
        ("--channel", "pigeon"),
        ("--warn-before-hours", "99999999999999"),
    ],
)
def test_what_is_no_setting_is_wrong_usage(stores: Stores, words: tuple[str, ...]) -> None:
    """The command says so before it looks at anything."""
    told = RUN.invoke(app, ["setup", "terms", "set", "cards", "--tenant", "acme", *words])
    assert told.exit_code == 2
