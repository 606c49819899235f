"""`holdfast setup …` against the real sandboxes: a merchant from nothing to a configuration that is copied."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from settings import Settings
from storage.audit import AuditTrail
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.support.ports import free_port
from tests.support.sandbox_process import ROOT, start_sandbox

RUN = CliRunner()
KEYS = ("s-pub-acme", "s-priv-acme")
CARD = ["--invoice-event", "UZE", "--return-event", "UZR", "--xml-tag", "UZCC", "--tolerance-minor", "1"]
CARD += ["--public-key", KEYS[0], "--mode", "expert"]
PLACE = ["--connection", "pixi", "--shop", "DEM", "--payment-type", "K"]
ID = "acme.pixi.DEM.K"


@dataclass(frozen=True)
class Sandboxes:
    """Addresses of the running stand-ins."""

    pixi: str
    unzer: str
    mailbox: str
    smtp_port: int


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    """All three, for the whole module."""
    smtp_port = free_port()
    running = [start_sandbox("sandboxes.pixi"), start_sandbox("sandboxes.unzer")]
    running.append(start_sandbox("sandboxes.mailbox", extra=("--smtp-port", str(smtp_port))))
    try:
        yield Sandboxes(running[0].url, running[1].url, running[2].url, smtp_port)
    finally:
        for one in running:
            one.stop()


@dataclass
class Desk:
    """An operator's terminal."""

    sandboxes: Sandboxes
    http: httpx.Client

    def do(self, *words: str, stdin: str = "", expect: int = 0) -> Any:
        """Run a command and return what it printed as JSON."""
        told = RUN.invoke(app, ["setup", *words, "--json"], input=stdin)
        assert told.exit_code == expect, told.output
        return json.loads(told.stdout)

    def refused(self, *words: str, stdin: str = "", code: int = 1) -> str:
        """Run a command that must be refused; returns the code of the refusal."""
        return str(self.do(*words, stdin=stdin, expect=code)["error"]["code"])

    def connect(self, name: str = "pixi", password: str = "sandbox", expect: int = 0) -> Any:
        words = ["--tenant", "acme", "--url", f"{self.sandboxes.pixi}/soap/pixiDEM/", "--user", "pixiDEM"]
        return self.do("connection", "add", name, *words, "--password-stdin", stdin=f"{password}\n", expect=expect)

    def mail(self, *more: str, port: int | None = None) -> Any:
        words = ["--host", "127.0.0.1", "--port", str(port or self.sandboxes.smtp_port), "--security", "none"]
        words += ["--sender", "holdfast@acme.example", "--recipient", "setup@acme.example"]
        return self.do("mail", "set", "--tenant", "acme", *words, *more)

    def create(self, *changes: str, expect: int = 0) -> Any:
        """The card configuration; `changes` come last and win."""
        words = ["configuration", "create", "--tenant", "acme", *PLACE, *CARD, *changes, "--private-key-stdin"]
        return self.do(*words, stdin=f"{KEYS[1]}\n", expect=expect)

    def erp(self, **settings: Any) -> None:
        """Set the ERP's account up anew."""
        self.http.put(f"{self.sandboxes.pixi}/control/accounts/DEM", json=settings).raise_for_status()


@pytest.fixture
def desk(sandboxes: Sandboxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A terminal over an empty database; ERP and provider have an account of the merchant."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'holdfast.db'}",
        "PROFILE": "fast",
        "MASTER_KEY": new_master_key(),
        "UNZER_SANDBOX_URL": sandboxes.unzer,
    }.items():
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    # would log into the runner's streams
    monkeypatch.setattr("cli.setup.process.configure_logs", lambda settings: None)
    migrate(f"sqlite:///{tmp_path / 'holdfast.db'}")
    with httpx.Client(trust_env=False, timeout=30) as http:
        made = Desk(sandboxes, http)
        made.erp()
        body = {"public_key": KEYS[0], "private_key": KEYS[1]}
        http.put(f"{sandboxes.unzer}/control/accounts/acme", json=body).raise_for_status()
        # the sandbox's clock, not the night in which the tests may run, says what time it is
        monkeypatch.setattr("administration.connections.erp_is_quiet", lambda now: False)
        monkeypatch.setattr("administration.erp_judge.erp_is_quiet", lambda now: False)
        monkeypatch.setattr("administration.checking.erp_is_quiet", lambda now: False)
        monkeypatch.setattr("adapters.pixi.probe.erp_is_quiet", lambda now: False)
        with capture_logs():  # unconfigured, structlog would write into the commands' output
            yield made


@pytest.fixture
def acme(desk: Desk) -> Desk:
    """A tenant with connection and mail account."""
    desk.do("tenant", "add", "acme", "--name", "Acme GmbH")
    desk.connect()
    desk.mail()
    return desk


def test_a_merchant_is_set_up_from_nothing(desk: Desk) -> None:
    """Every command once, in the order in which a merchant is set up; each answer is what the next one needs."""
    desk.do("tenant", "add", "acme", "--name", "Acme GmbH", "--language", "en")
    assert [one["id"] for one in desk.do("tenant", "list")] == ["acme"]
    connected = desk.connect()
    assert (connected["state"], connected["missing_calls"], connected["version"]) == ("proven", [], 1)
    desk.mail()
    assert desk.do("mail", "test", "--tenant", "acme")["taken"] is True
    inbox = desk.http.get(f"{desk.sandboxes.mailbox}/messages", params={"to": "setup@acme.example"}).json()
    assert inbox[0]["subject"] == "[acme] Test mail of Holdfast"
    offer = desk.do("connection", "offer", "pixi", "--tenant", "acme")
    assert {"id": "DEM", "name": "Demoshop"} in offer["shops"]
    assert {"code": "K", "text": "Kreditkarte", "xml_tag": "UZCC"} in offer["payment_types"]
    made = desk.create()
    assert (made["id"], made["in_force"], made["changed"]) == (ID, True, True)
    assert [one["code"] for one in made["hints"]] == ["event_sign_unknown"] * 2
    assert desk.create()["changed"] is False
    edited = desk.do("configuration", "edit", ID, "--tenant", "acme", "--tolerance-minor", "3", "--version", "1")
    assert (edited["version"], edited["tolerance_minor"]) == (2, 3)
    history = desk.do("configuration", "history", ID, "--tenant", "acme")
    assert [one["tolerance_minor"] for one in history] == [1, 3]
    assert [one["id"] for one in desk.do("configuration", "list", "--tenant", "acme")] == [ID]
    assert desk.do("configuration", "deactivate", ID, "--tenant", "acme")["active"] is False
    assert desk.do("configuration", "activate", ID, "--tenant", "acme")["in_force"] is True
    assert desk.do("connection", "deactivate", "pixi", "--tenant", "acme")["active"] is False
    assert desk.do("configuration", "show", ID, "--tenant", "acme")["in_force"] is False
    assert desk.do("connection", "activate", "pixi", "--tenant", "acme")["active"] is True
    assert desk.do("connection", "verify", "pixi", "--tenant", "acme")["state"] == "proven"
    assert desk.do("connection", "list", "--tenant", "acme")[0]["name"] == "pixi"


def test_a_copy_exists_once_it_is_saved(acme: Desk) -> None:
    """Shown first, saved with `--save`; a payment type that is gone from the ERP cannot be copied to."""
    acme.create()
    copy = ["configuration", "copy", ID, "--tenant", "acme", "--connection", "pixi", "--shop", "DEM"]
    draft = acme.do(*copy, "--payment-type", "P")
    assert (draft["saved"], draft["xml_tag"], len(acme.do("configuration", "list", "--tenant", "acme"))) == (
        False,
        "UZCC",
        1,
    )
    saved = acme.do(*copy, "--payment-type", "P", "--xml-tag", "UZPPL", "--save")
    assert (saved["xml_tag"], saved["invoice_event"], saved["public_key"]) == ("UZPPL", "UZE", KEYS[0])
    assert acme.refused(*copy, "--payment-type", "K") == "copy_onto_itself"
    types = [{"code": "K", "text": "Kreditkarte", "xml_tag": "UZCC"}]
    acme.erp(payment_types=types)
    assert acme.refused(*copy, "--payment-type", "V", "--save") == "invalid_payment_code"


def test_what_is_wrong_is_refused_and_named(acme: Desk) -> None:
    """Wrong password, keys, fields, places: exit code 1 and a code that names it."""
    assert acme.connect("second", password="wrong", expect=1)["error"]["code"] == "credentials_refused"
    for words, code in (
        (["--xml-tag", "Über<>"], "invalid_xml_tag"),
        (["--invoice-event", "UZEX"], "invalid_invoice_event"),
        (["--tolerance-minor", "2.5"], "invalid_tolerance_minor"),
        (["--tolerance-minor=-1"], "invalid_tolerance_minor"),
        (["--public-key", "s-pub-other"], "invalid_private_key"),
        (["--public-key", KEYS[1]], "invalid_public_key"),
        (["--public-key", "p-pub-1"], "invalid_private_key"),
        (["--provider-url", "https://api.unzer.com"], "invalid_provider_url"),
        (["--shop", "XXX"], "invalid_shop_id"),
        (["--payment-type", "Z"], "invalid_payment_code"),
        (["--connection", "nothing"], "unknown_connection"),
    ):
        assert acme.create(*words, expect=1)["error"]["code"] == code
    live = ["--public-key", "p-pub-1", "--provider-url", acme.sandboxes.unzer]
    words = ["configuration", "create", "--tenant", "acme", *PLACE, *CARD, *live, "--private-key-stdin"]
    assert acme.refused(*words, stdin="p-priv-1\n") == "invalid_provider_url"
    assert acme.do("configuration", "list", "--tenant", "acme") == []
    acme.create()
    assert acme.create("--tolerance-minor", "9", expect=1)["error"]["code"] == "configuration_exists"
    stale = ["configuration", "edit", ID, "--tenant", "acme", "--version", "7", "--xml-tag", "X"]
    assert acme.refused(*stale) == "changed_meanwhile"
    acme.connect("second")
    assert acme.connect("third", expect=1)["error"]["code"] == "too_many_connections"


def test_mail_and_connection_come_first(desk: Desk) -> None:
    """Each refusal says what is missing."""
    desk.do("tenant", "add", "acme", "--name", "Acme GmbH")
    assert desk.create(expect=1)["error"]["code"] == "unknown_connection"
    desk.connect()
    assert desk.create(expect=1)["error"]["code"] == "mail_first"
    assert desk.refused("mail", "test", "--tenant", "acme") == "no_mail_account"
    desk.mail(port=free_port())
    failed = desk.do("mail", "test", "--tenant", "acme", expect=1)
    assert (failed["verdict"], "port" in failed["en"], "Port" in failed["de"]) == ("unreachable", True, True)


def test_missing_calls_are_named(desk: Desk) -> None:
    """The connection is saved, and the answer says what the ERP's database lacks."""
    desk.erp(without=["pixiCACreateManualBooking"])
    desk.do("tenant", "add", "acme", "--name", "Acme GmbH")
    connected = desk.connect()
    assert [one["call"] for one in connected["missing_calls"]] == ["pixiCACreateManualBooking"]
    assert "settle credit notes" in connected["hints"][0]["sentence"]


def test_an_erp_that_is_away_leaves_the_connection_unverified(desk: Desk) -> None:
    """It is saved; verifying ends with 3 until the ERP answers."""
    desk.do("tenant", "add", "acme", "--name", "Acme GmbH")
    words = ["--tenant", "acme", "--url", f"http://127.0.0.1:{free_port()}/", "--user", "u", "--password-stdin"]
    away = desk.do("connection", "add", "pixi", *words, stdin="p\n")
    assert (away["state"], away["reason"]) == ("unverified", "unreachable")
    assert desk.do("connection", "verify", "pixi", "--tenant", "acme", expect=3)["state"] == "unverified"
    there = ["--url", f"{desk.sandboxes.pixi}/soap/pixiDEM/", "--user", "pixiDEM", "--password-stdin"]
    assert desk.do("connection", "edit", "pixi", "--tenant", "acme", *there, stdin="sandbox\n")["state"] == "proven"


def test_secrets_come_from_the_environment_too_and_stay_hidden(acme: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a command prints, nothing in the trail and nothing in the clear in the database."""
    monkeypatch.setenv("HOLDFAST_PRIVATE_KEY", KEYS[1])
    monkeypatch.setenv("HOLDFAST_MAIL_PASSWORD", "secret-of-mail")
    made = acme.do("configuration", "create", "--tenant", "acme", *PLACE, *CARD)
    mailed = acme.mail("--user", "merchant")
    stores = Stores.open(Settings())
    trail = [repr(one) for one in AuditTrail(stores.db).entries()]
    shown = json.dumps([made, mailed, acme.do("connection", "show", "pixi", "--tenant", "acme"), trail])
    stores.close()
    shown += Path("holdfast.db").read_bytes().decode("latin-1")
    for secret in (KEYS[1], "secret-of-mail"):
        assert secret not in shown


def test_without_json_people_can_read_it(acme: Desk) -> None:
    """Tables, notes and one sentence for a refusal, on the terminal's two streams."""
    listed = RUN.invoke(app, ["setup", "connection", "list", "--tenant", "acme"], env={"COLUMNS": "200"})
    assert "pixi" in listed.stdout
    assert "proven" in listed.stdout
    refused = RUN.invoke(app, ["setup", "configuration", "show", "x", "--tenant", "acme"])
    assert (refused.exit_code, "has no configuration x" in refused.stderr) == (1, True)
    for words in (["tenant", "list"], ["configuration", "list", "--tenant", "acme"], ["mail", "show", "--tenant=acme"]):
        assert RUN.invoke(app, ["setup", *words]).exit_code == 0


def _command(words: Sequence[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "setup", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_real_process_prints_json_and_nothing_else(acme: Desk) -> None:
    """Log events go to standard error; a database that is not there is one sentence and exit code 1."""
    told = _command(["tenant", "list", "--json"], dict(os.environ))
    assert (told.returncode, json.loads(told.stdout)[0]["id"]) == (0, "acme")
    gone = _command(["tenant", "list"], os.environ | {"HOLDFAST_DATABASE_URL": "sqlite:////nowhere/holdfast.db"})
    assert (gone.returncode, "Traceback" in gone.stderr) == (1, False)


def test_a_setup_is_checked_against_the_real_parts(acme: Desk) -> None:
    """What is right passes, our callback is registered once, and only what no call tells is left to a person."""
    acme.create()

    def check(*more: str, code: int = 0) -> dict[str, Any]:
        told = RUN.invoke(app, ["check", "--tenant", "acme", "--json", *more])
        assert told.exit_code == code, told.output
        return {one["code"]: one for one in json.loads(told.stdout)["points"]}

    before = check("--no-register")
    assert before["callback"]["verdict"] == "warn"
    points = check()
    passed = ("mail", "access", "calls", "version", "payment_type", "xml_tag", "keys", "key_side", "callback")
    assert {points[code]["verdict"] for code in passed} == {"pass"}, points
    asked = {code for code, one in points.items() if one["verdict"] == "ask"}
    assert asked == {
        "hold_import",
        "payment_id",
        "paid_flag",
        "automatic_clearing",
        "direct_charge",
        "invoice_event",
        "return_event",
        "invoice_template",
    }
    registered = acme.http.get(f"{acme.sandboxes.unzer}/v1/webhooks", auth=(KEYS[1], "")).json()["events"]
    ours = {one["url"] for one in registered}
    assert len(ours) == 1
    assert next(iter(ours)).startswith("http://127.0.0.1:8080/callbacks/v1.0/unzer/acme/")
    assert check()["callback"]["facts"] == {"state": "registered"}
    shown = RUN.invoke(app, ["check", "--tenant", "acme", "--lang", "de"])
    assert "Rechnungsvorlage" in shown.output
    assert KEYS[1] not in shown.output


def test_orders_in_the_erp_answer_what_no_call_tells(acme: Desk) -> None:
    """A held order with its payment id is evidence; one that is paid at import fails the check."""
    acme.create()
    orders = [{"order_nr": 100001, "payment_code": "K", "kk_id": "s-pay-1"}]
    acme.http.post(f"{acme.sandboxes.pixi}/control/accounts/DEM/orders", json=orders).raise_for_status()
    told = json.loads(RUN.invoke(app, ["check", "--tenant", "acme", "--json"]).stdout)
    verdicts = {one["code"]: one["verdict"] for one in told["points"]}
    assert (verdicts["hold_import"], verdicts["payment_id"]) == ("pass", "pass")


def test_a_check_of_nobody_is_refused(desk: Desk) -> None:
    """An unknown tenant is told as everywhere."""
    told = RUN.invoke(app, ["check", "--tenant", "nobody", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["error"]["code"] == "unknown_tenant"
