"""Connections: proved on saving, at most two active ones, unverified while the ERP cannot be asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from administration.connections import WantedConnection
from administration.refusals import Refused, Why
from domain import reasons
from domain.setup import CheckState, MissingCall
from domain.tenant_config import Language
from tests.administration.conftest import CONNECTION, MORNING, NIGHT, NOON, House
from tests.administration.fakes import PASSWORD


@pytest.fixture
def acme(house: House) -> House:
    """A house with a tenant that has nothing yet."""
    house.services.tenants.save("acme", "Acme GmbH", Language.GERMAN, by="kim")
    return house


def _refusal(house: House, wanted: WantedConnection, expected: int | None = 0) -> Refused:
    with pytest.raises(Refused) as refused:
        house.services.connections.save("acme", wanted, by="kim", expected=expected)
    return refused.value


def test_a_connection_is_proved_when_it_is_saved(acme: House) -> None:
    """The ERP is asked with just these credentials, and what it offers is remembered."""
    view = acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    assert (view.check.state, view.check.proven_at, view.hints) == (CheckState.PROVEN, NOON, ())
    assert view.check.offer is not None
    assert [one.id for one in view.check.offer.shops] == ["DEM", "TWO"]
    assert acme.secrets.get(view.connection.password_ref) == PASSWORD


def test_refused_credentials_are_not_saved(acme: House) -> None:
    """Neither the connection nor its password; the trail has no line of it."""
    refusal = _refusal(acme, replace(CONNECTION, password="wrong"))
    assert (refusal.why, refusal.code) == (Why.INVALID, "credentials_refused")
    assert acme.services.connections.all("acme") == ()
    assert acme.actions() == ["tenant.put"]


def test_a_change_to_wrong_credentials_leaves_the_right_ones(acme: House) -> None:
    """What worked goes on working."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    assert _refusal(acme, WantedConnection("pixi", password="wrong"), None).code == "credentials_refused"
    view = acme.services.connections.get("acme", "pixi")
    assert acme.secrets.get(view.connection.password_ref) == PASSWORD
    assert view.connection.revision == 1


@pytest.mark.rule("P5")
def test_what_is_saved_at_night_is_proved_in_the_morning(acme: House) -> None:
    """No request leaves between 00:00 and 04:00; the connection waits as unverified and is then proved by itself."""
    acme.at = NIGHT
    view = acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    assert (view.check.state, view.check.reason) == (CheckState.UNVERIFIED, reasons.QUIET_WINDOW)
    assert [one.code for one in view.hints] == ["unverified"]
    assert acme.services.connections.verify_due() == 0
    assert acme.erp.asked == 0
    acme.at = MORNING
    assert acme.services.connections.verify_due() == 1
    assert acme.services.connections.get("acme", "pixi").check.state is CheckState.PROVEN
    assert acme.services.connections.verify_due() == 0
    assert acme.actions()[0] == "erp_connection.verified"


def test_an_erp_that_does_not_answer_is_asked_again(acme: House) -> None:
    """Saved as unverified; it is asked every ten minutes, and at once when somebody wants to know."""
    acme.erp.down = True
    view = acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    assert (view.check.state, view.check.due_at) == (CheckState.UNVERIFIED, NOON + timedelta(minutes=10))
    acme.at = NOON + timedelta(minutes=11)
    assert acme.services.connections.verify_due() == 1
    assert acme.services.connections.get("acme", "pixi").check.due_at == NOON + timedelta(minutes=21)
    acme.erp.down = False
    assert acme.services.connections.verify("acme", "pixi", by="kim").check.state is CheckState.PROVEN


def test_wrong_credentials_of_the_night_are_shown_in_the_morning(acme: House) -> None:
    """They cannot be taken back then, so the connection says that they are refused, and is not asked again."""
    acme.at = NIGHT
    acme.services.connections.save("acme", replace(CONNECTION, password="wrong"), by="kim", expected=0)
    acme.at = MORNING
    acme.services.connections.verify_due()
    view = acme.services.connections.get("acme", "pixi")
    assert (view.check.state, [one.code for one in view.hints]) == (CheckState.REFUSED, ["refused"])
    assert acme.services.connections.verify_due() == 0


def test_what_was_proved_stays_proved_through_an_outage(acme: House) -> None:
    """An ERP that is away for an hour does not make good credentials doubtful; new ones it does."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    acme.erp.down = True
    view = acme.services.connections.verify("acme", "pixi", by="kim")
    assert (view.check.state, view.check.reason) == (CheckState.PROVEN, reasons.UNREACHABLE)
    view = acme.services.connections.save("acme", WantedConnection("pixi", password="new"), by="kim")
    assert view.check.state is CheckState.UNVERIFIED


def test_missing_calls_are_named_with_what_is_lost(acme: House) -> None:
    """The connection works, and whoever saves it knows what it cannot do."""
    acme.erp.missing = [MissingCall("GetThings", "things cannot be read.")]
    view = acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    (hint,) = view.hints
    assert (hint.code, "GetThings: things cannot be read" in hint.sentence) == ("missing_call", True)


def test_a_third_active_connection_is_refused(acme: House) -> None:
    """Before the ERP is asked; one that is switched off makes room, and does not come back while there is none."""
    for name in ("one", "two"):
        acme.services.connections.save("acme", replace(CONNECTION, name=name), by="kim", expected=0)
    asked = acme.erp.asked
    refusal = _refusal(acme, replace(CONNECTION, name="three"))
    assert (refusal.why, refusal.code) == (Why.CONFLICT, "too_many_connections")
    assert acme.erp.asked == asked
    acme.services.connections.set_active("acme", "one", False, by="kim")
    acme.services.connections.save("acme", replace(CONNECTION, name="three"), by="kim", expected=0)
    with pytest.raises(Refused, match="Deactivate one of them first"):
        acme.services.connections.set_active("acme", "one", True, by="kim")


def test_adding_the_same_again_is_fine_and_something_else_is_not(acme: House) -> None:
    """A repeated request changes nothing and asks nobody; another connection of this name is refused."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    asked, lines = acme.erp.asked, acme.actions()
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    assert (acme.erp.asked, acme.actions()) == (asked, lines)
    assert _refusal(acme, replace(CONNECTION, username="other")).code == "connection_exists"


def test_two_who_edit_do_not_overwrite_each_other(acme: House) -> None:
    """The second one is told to read again."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    acme.services.connections.save("acme", WantedConnection("pixi", username="new"), by="kim", expected=1)
    refusal = _refusal(acme, WantedConnection("pixi", username="newer"), 1)
    assert (refusal.why, acme.services.connections.get("acme", "pixi").connection.username) == (Why.OUTDATED, "new")


def test_a_password_that_is_lost_can_be_entered_again(acme: House) -> None:
    """A master key that is gone stops nothing for good: the refusal says to enter the password, and that works."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    acme.secrets.delete("acme/erp/pixi")
    with pytest.raises(Refused, match="Enter it again"):
        acme.services.connections.verify("acme", "pixi", by="kim")
    assert _refusal(acme, WantedConnection("pixi", username="new"), None).code == "invalid_password"
    acme.services.connections.save("acme", WantedConnection("pixi", password=PASSWORD), by="kim")
    assert acme.services.connections.verify("acme", "pixi", by="kim").check.state is CheckState.PROVEN


def test_a_kept_password_goes_to_no_other_server(acme: House) -> None:
    """Whoever moves the connection has to know the password; another path of the same server needs no new one."""
    acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    asked = acme.erp.asked
    for url in ("https://evil.example/soap/", "http://erp.example/soap/", "https://erp.example:8443/soap/"):
        assert _refusal(acme, WantedConnection("pixi", base_url=url), 1).code == "invalid_password"
    assert acme.erp.asked == asked
    other_path = WantedConnection("pixi", base_url="https://erp.example/other/")
    assert acme.services.connections.save("acme", other_path, by="kim", expected=1).connection.revision == 2
    moved = WantedConnection("pixi", base_url="https://erp2.example/", password=PASSWORD)
    assert acme.services.connections.save("acme", moved, by="kim", expected=2).check.state is CheckState.PROVEN


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (replace(CONNECTION, name="Pixi DE"), "invalid_name"),
        (replace(CONNECTION, password=""), "invalid_password"),
        (replace(CONNECTION, username=" "), "invalid_username"),
        (replace(CONNECTION, base_url="erp.example"), "invalid_setting"),
        (replace(CONNECTION, poll_interval=timedelta(0)), "invalid_setting"),
    ],
)
def test_impossible_connections_ask_nobody(acme: House, wanted: WantedConnection, code: str) -> None:
    """What is wrong at sight is said at once, with what to do."""
    refusal = _refusal(acme, wanted)
    assert (refusal.code, acme.erp.asked) == (code, 0)
    assert refusal.what_to_do


def test_unknown_things_are_missing(acme: House) -> None:
    """A tenant or connection that does not exist, asked for in any way."""
    connections = acme.services.connections
    for call in (
        lambda: connections.all("nobody"),
        lambda: connections.get("acme", "nothing"),
        lambda: connections.verify("acme", "nothing", by="kim"),
        lambda: connections.offered("acme", "nothing"),
        lambda: connections.set_active("acme", "nothing", True, by="kim"),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.why is Why.MISSING


def test_no_password_shows_anywhere(acme: House) -> None:
    """Not in the trail, not in a view, not in a refusal, and in the database only sealed."""
    view = acme.services.connections.save("acme", CONNECTION, by="kim", expected=0)
    acme.services.connections.save("acme", WantedConnection("pixi", username="new"), by="kim")
    acme.erp.password = "another-secret"
    acme.services.connections.save("acme", WantedConnection("pixi", password="another-secret"), by="kim")
    shown = [repr(view), repr(CONNECTION), *(repr(one) for one in acme.trail.entries())]
    refusal = _refusal(acme, WantedConnection("pixi", password="third-secret"), None)
    shown += [repr(refusal), str(refusal)]
    with acme.database.read() as connection:
        for table in ("erp_connections", "secrets", "audit_trail", "connection_checks"):
            shown.append(str(connection.exec_driver_sql(f"SELECT * FROM {table}").all()))
    assert not [secret for secret in (PASSWORD, "another-secret", "third-secret") if secret in "\n".join(shown)]
    newest, middle, *_ = acme.trail.entries("acme")
    assert newest.details == {"secret acme/erp/pixi": "changed"}
    assert (middle.actor, middle.details) == ("kim", {"username": "pixiDEM → new"})
