"""`holdfast batch …`: hand a file in, see how far it is, fetch the results."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.wiring import Stores
from domain.parties import ProviderAccount, Tenant
from paygate.batch import Head, write_batch
from paygate.batch_records import Action, Record, Version
from settings import Settings
from storage.batches import RecordResult
from storage.migrate import migrate
from storage.secrets import new_master_key

RUN = CliRunner()
NAME = "T20270301001acme_shop.dat"
OF = ["--tenant", "acme"]


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A tenant with one MerchantID, and a file in the folder that the command runs in."""
    for name, value in {"DATABASE_URL": f"sqlite:///{tmp_path / 'h.db'}", "MASTER_KEY": new_master_key()}.items():
        monkeypatch.setenv(f"HOLDFAST_{name}", value)
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    migrate(settings.database_url)
    opened = Stores.open(settings)
    opened.directory.put_tenant(Tenant("acme", "Acme"))
    account = ProviderAccount("cards", "acme", "computop", "https://paygate.example", "acme_shop")
    opened.directory.put_provider_account(account)
    record = Record(1, Action.CAPTURE, 100, "EUR", "order-1", "", "f" * 32)
    content = b"".join(write_batch(Head("acme_shop", date(2027, 3, 1), Version.V1_4), [record]))
    Path(NAME).write_bytes(content)
    return opened


def test_a_file_is_handed_in_and_its_result_fetched(stores: Stores) -> None:
    """Twice handed in it is known; without a result there is nothing to fetch; nothing is overwritten."""
    first = json.loads(RUN.invoke(app, ["batch", "submit", NAME, *OF, "--json"]).stdout)
    assert (first["records"], first["known"]) == (1, False)
    assert json.loads(RUN.invoke(app, ["batch", "submit", NAME, *OF, "--json"]).stdout)["known"]
    early = RUN.invoke(app, ["batch", "result", first["id"], *OF])
    assert (early.exit_code, early.stderr[:18]) == (1, "0 of 1 records are")
    stores.batches.ended(first["id"], [RecordResult(1, "FAILED", "20160001")])
    stores.batches.finish(first["id"], b"results", datetime(2027, 3, 1, tzinfo=UTC))
    assert RUN.invoke(app, ["batch", "result", first["id"], *OF]).stdout.strip() == f"P{NAME[1:]}"
    assert Path(f"P{NAME[1:]}").read_bytes() == b"results"
    assert RUN.invoke(app, ["batch", "result", first["id"], *OF]).exit_code == 1
    (listed,) = json.loads(RUN.invoke(app, ["batch", "list", *OF, "--json"]).stdout)
    assert (listed["ended"], listed["failed"]) == (1, 1)


def test_a_wrong_file_is_refused(stores: Stores) -> None:
    """With the line and what belongs there."""
    Path(NAME).write_bytes(Path(NAME).read_bytes().replace(b"FOOT,1", b"FOOT,2"))
    told = RUN.invoke(app, ["batch", "submit", NAME, *OF])
    assert (told.exit_code, "Line 3" in told.stderr) == (1, True)
    assert stores.batches.list_batches("acme") == ()
