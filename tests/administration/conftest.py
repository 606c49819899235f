"""Each test gets services over a fresh SQLite database and stand-ins for everything outside."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from administration import Administration, Ports
from administration.connections import WantedConnection
from administration.fields import Changes
from administration.mail import WantedMail
from administration.places import Place
from domain.tenant_config import AppMode, Language
from storage.audit import AuditTrail
from storage.authorization_terms import AuthorizationTermsBook
from storage.connection_checks import ConnectionChecks
from storage.database import Database
from storage.directory import Directory
from storage.file_drops import FileDrops
from storage.migrate import migrate
from storage.orders import Orders
from storage.secrets import SecretBox
from tests.administration.fakes import (
    PASSWORD,
    PRIVATE,
    PUBLIC,
    FakeAccess,
    FakeCallbacks,
    FakeDrop,
    FakeErp,
    FakeKeys,
    FakeMail,
)

NOON = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
NIGHT = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # 02:00 in Berlin
MORNING = datetime(2027, 3, 1, 3, 15, tzinfo=UTC)  # 04:15
CONNECTION = WantedConnection("pixi", "https://erp.example/soap/", "pixiDEM", PASSWORD)
MAIL = WantedMail("mail.example", 587, "holdfast@acme.example", "ops@acme.example")
PLACE = Place("pixi", "DEM", "K")
CARD = Changes(
    invoice_event="UZE",
    return_event="UZR",
    xml_tag="UZCARD",
    tolerance_minor=1,
    public_key=PUBLIC,
    private_key=PRIVATE,
    mode=AppMode.EXPERT,
)


@dataclass
class House:
    """The services, and what stands around them."""

    database: Database
    at: datetime = NOON
    erp: FakeErp = field(default_factory=FakeErp)
    keys: FakeKeys = field(default_factory=FakeKeys)
    smtp: FakeMail = field(default_factory=FakeMail)
    callbacks: FakeCallbacks = field(default_factory=FakeCallbacks)
    drop: FakeDrop = field(default_factory=FakeDrop)
    access: FakeAccess = field(default_factory=FakeAccess)
    live: bool = False

    def __post_init__(self) -> None:
        self.directory = Directory(self.database)
        self.secrets = SecretBox(self.database, [b"k" * 32])
        self.trail = AuditTrail(self.database)
        self.checks = ConnectionChecks(self.database)
        tokens = (f"token-that-is-rather-long-{number}" for number in itertools.count(1))
        self.services = Administration(
            Ports(
                directory=self.directory,
                checks=self.checks,
                vault=self.secrets,
                open_orders=Orders(self.database),
                trail=self.trail,
                erp=self.erp,
                keys=self.keys,
                mail=self.smtp,
                callbacks=self.callbacks,
                drops=FileDrops(self.database),
                drop_probe=self.drop,
                terms=AuthorizationTermsBook(self.database),
                access=self.access,
                renewing=frozenset({"stripe", "computop"}),
                live=lambda tenant: self.live,
                now=lambda tenant: self.at,
                token=lambda: next(tokens),
            )
        )

    def ready(self) -> "House":
        """A tenant with a connection and a mail account."""
        self.services.tenants.save("acme", "Acme GmbH", Language.GERMAN, by="kim")
        self.services.connections.save("acme", CONNECTION, by="kim", expected=0)
        self.services.mail.save("acme", MAIL, by="kim", expected=0)
        return self

    def actions(self) -> list[str]:
        """The audit trail, newest first."""
        return [one.action for one in self.trail.entries()]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("administration") / "holdfast.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def house(migrated: Path, tmp_path: Path) -> Iterator[House]:
    """Services over an empty database."""
    path = tmp_path / "holdfast.db"
    shutil.copy(migrated, path)
    database = Database(f"sqlite:///{path}")
    yield House(database)
    database.close()
