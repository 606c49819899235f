"""The setup check asks what can be asked, and says of the rest that a person has to look."""

import pytest

from domain.erp_probe import ErpFindings, Seen
from domain.setup import MissingCall
from domain.setup_check import Verdict
from tests.administration.conftest import CARD, MORNING, NIGHT, PLACE, House


@pytest.fixture
def acme(house: House) -> House:
    """A tenant with one configuration."""
    house.ready()
    house.services.configurations.create("acme", PLACE, CARD, by="kim")
    return house


def verdicts(house: House, *, register: bool = True) -> dict[str, Verdict]:
    report = house.services.checks.run("acme", by="kim", register=register)
    return {one.code: one.verdict for one in report.points}


def test_what_can_be_asked_is_asked(acme: House) -> None:
    """Mail, access, calls, version, type, keys and callback have an answer, the settings of the ERP have none."""
    found = verdicts(acme)
    answered = ("mail", "access", "calls", "version", "payment_type", "xml_tag", "keys", "key_side", "callback")
    assert {found[code] for code in answered} == {Verdict.PASS}
    assert {found[code] for code in found.keys() - set(answered)} == {Verdict.ASK}


def test_the_callback_is_registered_once_and_noted(acme: House) -> None:
    """Only when it may; the audit trail says who did."""
    assert verdicts(acme, register=False)["callback"] is Verdict.WARN
    assert verdicts(acme)["callback"] is Verdict.PASS
    assert verdicts(acme)["callback"] is Verdict.PASS
    assert acme.actions().count("callback.registered") == 1


def test_a_missing_call_fails_and_bad_credentials_stop_the_rest(acme: House) -> None:
    """Nothing is judged that could not be looked at."""
    acme.erp.missing.append(MissingCall("pixiSetOrderShippingLock", "no locks"))
    assert verdicts(acme)["calls"] is Verdict.FAIL
    acme.erp.password = "another"
    found = verdicts(acme)
    assert found["access"] is Verdict.FAIL
    assert "calls" not in found


def test_who_cannot_be_reached_is_not_judged(acme: House) -> None:
    """Neither the ERP at night nor a provider that is away has failed."""
    acme.erp.down = acme.keys.down = acme.callbacks.down = True
    found = verdicts(acme)
    assert (found["access"], found["keys"], found["callback"]) == (Verdict.ASK, Verdict.ASK, Verdict.ASK)


@pytest.mark.rule("P5")
def test_the_erp_is_not_asked_at_night(acme: House) -> None:
    """The check waits for the morning like every other request."""
    acme.at, asked = NIGHT, acme.erp.asked
    assert verdicts(acme)["access"] is Verdict.ASK
    assert acme.erp.asked == asked
    acme.at = MORNING
    assert verdicts(acme)["access"] is Verdict.PASS


def test_test_keys_on_a_live_connection_are_refused(acme: House) -> None:
    """They would take no money."""
    acme.live = True
    assert verdicts(acme)["key_side"] is Verdict.FAIL


def test_recent_orders_speak(acme: House) -> None:
    """Held orders pass, orders that are paid before their invoice fail."""
    acme.erp.found = ErpFindings(
        "", "", acme.at, orders=2, held=Seen(2, 2, ("1", "2")), paid_before_invoice=Seen(1, 2, ("1",))
    )
    found = verdicts(acme)
    assert (found["hold_import"], found["paid_flag"]) == (Verdict.PASS, Verdict.FAIL)


def test_what_is_switched_off_is_not_checked(acme: House) -> None:
    """A configuration that nobody uses cannot be wrong."""
    acme.services.configurations.set_active("acme", "acme.pixi.DEM.K", False, by="kim")
    assert "hold_import" not in verdicts(acme)
    acme.services.connections.set_active("acme", "pixi", False, by="kim")
    assert set(verdicts(acme)) == {"mail"}
