"""What setting up a merchant keeps: revisions, the limit of connections, checks, versions, and what the trail tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.parties import ChangedMeanwhile, Tenant
from domain.setup import CheckState, ConnectionCheck, ErpOffer, MissingCall, PaymentType, Shop
from domain.tenant_config import InvalidConfiguration
from storage.audit import AuditTrail
from storage.connection_checks import ConnectionChecks
from storage.database import Database
from storage.directory import Directory
from storage.orders import Orders
from storage.secrets import SecretBox
from tests.storage.builders import T0
from tests.storage.test_directory import ACCOUNT, CONFIG, CONFIGURATION, CONNECTION, MAIL

CHECK = ConnectionCheck(
    CheckState.PROVEN,
    "unreachable",
    T0,
    T0,
    None,
    ErpOffer((Shop("DEM", "Demo"),), (PaymentType("K", "Karte", "UZCC"),), (MissingCall("GetThings", "no things."),)),
    T0 - timedelta(hours=1),
)


@pytest.fixture
def directory(db: Database) -> Directory:
    """A directory with one tenant and one connection."""
    found = Directory(db)
    found.put_tenant(Tenant("acme", "Acme GmbH"))
    found.put_erp_connection(CONNECTION)
    return found


def _revision(directory: Directory, name: str = "pixi") -> int:
    found = directory.erp_connection("acme", name)
    assert found is not None
    return found.revision


def test_each_change_counts_and_equal_content_does_not(db: Database, directory: Directory) -> None:
    """Whoever edits names the revision; what somebody else has changed meanwhile is not overwritten."""
    directory.put_erp_connection(CONNECTION, expected=1)
    assert (_revision(directory), len(AuditTrail(db).entries("acme"))) == (1, 2)
    directory.put_erp_connection(replace(CONNECTION, username="new"), expected=1)
    assert _revision(directory) == 2
    for expected in (0, 1, 3):
        with pytest.raises(ChangedMeanwhile, match="read it again"):
            directory.put_erp_connection(replace(CONNECTION, username="newer"), expected=expected)
    with pytest.raises(ChangedMeanwhile):
        directory.put_mail_settings(MAIL, expected=1)
    directory.put_mail_settings(MAIL, expected=0)
    directory.put_mail_settings(replace(MAIL, port=25), expected=1)
    found = directory.mail_settings("acme")
    assert found is not None
    assert (found.port, found.revision) == (25, 2)


def test_two_active_connections_are_the_most(directory: Directory) -> None:
    """Also when several are added at the same time; one that is switched off does not count."""

    def add(name: str) -> bool:
        try:
            directory.put_erp_connection(replace(CONNECTION, name=name))
        except InvalidConfiguration:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(add, ["a", "b", "c", "d"]))
    assert sum(added) == 1
    directory.put_erp_connection(replace(CONNECTION, active=False))
    directory.put_erp_connection(replace(CONNECTION, name="e"))
    with pytest.raises(InvalidConfiguration, match="deactivate one first"):
        directory.put_erp_connection(CONNECTION)
    directory.put_erp_connection(replace(CONNECTION, name="f", active=False))


def test_a_secret_is_stored_with_what_it_belongs_to(db: Database, directory: Directory) -> None:
    """Both or neither; the trail says that it changed and not to what."""
    box = SecretBox(db, [b"k" * 32])
    sealed = box.seal(CONNECTION.password_ref, "first-password")
    with pytest.raises(ChangedMeanwhile):
        directory.put_erp_connection(CONNECTION, expected=7, password=sealed)
    with db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM secrets").scalar() == 0
    directory.put_erp_connection(CONNECTION, password=sealed, by="kim")
    assert (box.get(CONNECTION.password_ref), _revision(directory)) == ("first-password", 2)
    directory.put_erp_connection(CONNECTION, password=box.seal(CONNECTION.password_ref, "second"), by="kim")
    newest, before = AuditTrail(db).entries("acme")[:2]
    assert newest.details == {f"secret {CONNECTION.password_ref}": "changed"}
    assert before.details == {f"secret {CONNECTION.password_ref}": "set"}
    directory.put_provider_account(ACCOUNT, callback_token="t" * 32, sealed=[box.seal(ACCOUNT.secret_ref, "key")])
    assert box.get(ACCOUNT.secret_ref) == "key"
    details = AuditTrail(db).entries("acme")[0].details
    assert (details["callback"], details["secret"], details["public_key"]) == ("set", "set", "s-pub-1")


def test_the_trail_tells_old_and_new(db: Database, directory: Directory) -> None:
    """Field by field, and nothing about what stayed."""
    directory.put_erp_connection(replace(CONNECTION, username="new", ca_file="", password_ref="elsewhere"), by="kim")
    directory.put_tenant(Tenant("acme", "Acme AG"), by="robin")
    renamed, changed = AuditTrail(db).entries("acme")[:2]
    assert changed.details == {"username": "user → new", "ca_file": "ca.pem → -", "password": "changed"}
    assert (renamed.actor, renamed.details) == ("robin", {"name": "Acme GmbH → Acme AG"})


def test_configurations_remember_who_made_which_version(db: Database, directory: Directory) -> None:
    """Versions come back oldest first; a change from an old one is refused, and so is a second first one."""
    directory.put_provider_account(ACCOUNT)
    directory.put_configuration(CONFIGURATION, by="kim", expected=0)
    with pytest.raises(ChangedMeanwhile):
        directory.put_configuration(replace(CONFIGURATION, config=replace(CONFIG, tolerance_minor=9)), expected=0)
    changed = replace(CONFIGURATION, config=replace(CONFIG, tolerance_minor=5, invoice_event="NEU"))
    directory.put_configuration(changed, by="robin", expected=1)
    with pytest.raises(ChangedMeanwhile):
        directory.put_configuration(CONFIGURATION, expected=1)
    found = directory.versions("acme-card")
    assert [(one.configuration.config.version, one.created_by) for one in found] == [(1, "kim"), (2, "robin")]
    told = AuditTrail(db).entries("acme")[0].details
    assert told["version"] == "2"
    assert told["invoice_event"].endswith("→ NEU")
    assert set(told) == {"version", "invoice_event", "tolerance_minor"}
    assert directory.versions("unknown") == ()


def test_switching_twice_leaves_one_line(db: Database, directory: Directory) -> None:
    """The second time nothing changes; the line knows its tenant."""
    directory.put_provider_account(ACCOUNT)
    directory.put_configuration(CONFIGURATION)
    for _ in range(2):
        directory.set_active("acme-card", False, by="kim")
    assert [one.action for one in AuditTrail(db).entries("acme")].count("configuration.deactivated") == 1


def test_a_check_comes_back_as_it_was_kept(db: Database) -> None:
    """With what the ERP offered; a connection that was never checked has a check that knows nothing."""
    checks = ConnectionChecks(db)
    assert checks.get("acme", "pixi") == ConnectionCheck()
    checks.put("acme", "pixi", CHECK)
    assert checks.get("acme", "pixi") == CHECK
    checks.put("acme", "pixi", replace(CHECK, offer=None, state=CheckState.REFUSED))
    assert checks.get("acme", "pixi").state is CheckState.REFUSED


def test_checks_that_wait_are_listed_by_time(db: Database) -> None:
    """Only those that are due some time."""
    checks = ConnectionChecks(db)
    for name, due in (("late", T0 + timedelta(hours=2)), ("soon", T0), ("done", None)):
        checks.put("acme", name, replace(CHECK, state=CheckState.UNVERIFIED, due_at=due))
    assert [(name, due) for _, name, due in checks.waiting()] == [("soon", T0), ("late", T0 + timedelta(hours=2))]


def test_no_orders_follow_an_unknown_configuration(db: Database) -> None:
    """The count is of orders that are not over, see `tests/administration`."""
    assert Orders(db).open_under("unknown") == 0
