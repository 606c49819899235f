"""Which gates were touched, and that an untouched one costs no writing."""

from datetime import UTC, datetime

import pytest

from domain.errors import NotSent
from storage.database import Database
from storage.gates import Gate, Gates

NOON = datetime(2027, 3, 1, 11, tzinfo=UTC)


def test_gates_are_listed_as_they_stand(db: Database) -> None:
    """A pause, a rate and a switch show; gates that nobody touched do not."""
    gates = Gates(db)
    gates.permit("erp/t/untouched", NOON)
    gates.pause("erp/t/pixi", "maintenance", NOON)
    gates.set_rate("unzer/t/main", 2.5)
    assert gates.all() == (
        Gate("erp/t/pixi", True, True, "maintenance", NOON, None),
        Gate("unzer/t/main", True, False, "", None, 2.5),
    )


def test_a_paused_gate_lets_nothing_through_until_it_is_resumed(db: Database) -> None:
    """The first touch of a gate counts at the very next request."""
    gates = Gates(db)
    gates.permit("erp/t/pixi", NOON)
    gates.pause("erp/t/pixi", "maintenance")
    with pytest.raises(NotSent, match="paused"):
        gates.permit("erp/t/pixi", NOON)
    gates.resume("erp/t/pixi")
    gates.permit("erp/t/pixi", NOON)
