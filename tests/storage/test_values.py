"""Facts and states as JSON: nothing is lost, and other versions can be read."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import ErpReported, Fact, PaymentHinted
from domain.order_state import OrderState
from domain.tenant_config import OrderConfig, Pacing
from storage.values import FACT_KINDS, fact_from_json, from_json, to_json
from tests.storage.builders import CONFIG, T0, numbered, snapshot
from tests.storage.facts import FACTS


@settings(deadline=None)
@given(FACTS)
def test_every_fact_survives(fact: Fact) -> None:
    """A fact is the same after writing and reading, and writes the same text again."""
    text = to_json(fact)
    found = fact_from_json(type(fact).__name__, text)
    assert found == fact
    assert to_json(found) == text


@settings(deadline=None)
@given(st.lists(FACTS, max_size=12))
def test_every_state_survives(facts: list[Fact]) -> None:
    """So is a state that any facts led to."""
    for _, state in numbered(facts)[-1:]:
        assert from_json(OrderState, to_json(state)) == state


def test_every_kind_of_fact_is_known() -> None:
    """The names under which facts are stored are never taken out; a new fact is added here on purpose."""
    assert set(FACT_KINDS) == {
        "ActionAsked",
        "ActionSettled",
        "CancelRequested",
        "CheckFailed",
        "CheckPassed",
        "ErpReported",
        "ExtensionFailed",
        "HoldHinted",
        "HoldOperationEnded",
        "HoldRanOut",
        "HoldRead",
        "HopeGivenUp",
        "LookedAgain",
        "OperationEnded",
        "PaymentHinted",
        "PaymentRead",
        "PaymentUnreadable",
        "ProblemGone",
        "ProblemRaised",
        "ProblemsSolved",
        "Registered",
        "RenewalStopped",
        "RulesAdopted",
        "ShippedUnpaid",
        "TakenOver",
        "TermsChanged",
        "Told",
    }


def test_settings_survive() -> None:
    """Durations and choices come back as they were."""
    assert from_json(OrderConfig, to_json(CONFIG)) == CONFIG
    assert from_json(Pacing, to_json(Pacing())) == Pacing()


def test_a_field_of_a_later_version_is_passed_over() -> None:
    """What this version does not know does not keep it from reading, at any depth."""
    text = json.loads(to_json(ErpReported(snapshot())))
    text["colour"] = "blue"
    text["snapshot"]["invoices"][0]["weight"] = 12
    assert fact_from_json("ErpReported", json.dumps(text)) == ErpReported(snapshot())


def test_a_field_that_an_earlier_version_lacked_takes_its_default() -> None:
    """What was written before a field existed reads as if it had its default."""
    text = json.loads(to_json(ErpReported(snapshot())))
    del text["snapshot"]["credit_notes"]
    del text["snapshot"]["invoices"][0]["settled"]
    assert fact_from_json("ErpReported", json.dumps(text)) == ErpReported(snapshot())
    assert from_json(OrderState, '{"workflow_id": "o"}') == OrderState("o")


def test_instants_are_read_with_their_zone() -> None:
    """An instant in JSON says that it is UTC."""
    assert json.loads(to_json(PaymentHinted(T0)))["at"] == "2027-03-01T09:00:00Z"
