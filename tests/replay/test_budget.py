"""What a happy order costs by its saved history (card, expert mode, one invoice, no callbacks), what a renewal costs,
and what half a year of them (docs/adr/0009)."""

from collections import Counter

import pytest

from tests.replay.histories import Saved, saved
from tests.workflows.budget import ALLOWED, PER_RENEWAL, counted, spent

SAVED = {one.title: one for one in saved()}
RENEWALS_PER_RUN = 10
AROUND_A_RUN = 5  # events: started, its first task, continued as new


def kinds(one: Saved) -> list[str]:
    return [kind for kind, _ in one.attributes()]


def over(found: dict[str, int], most: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (found[name], most[name]) for name in most if found[name] > most[name]}


def test_a_happy_order_keeps_to_its_budget() -> None:
    """Until it only waits for its end, an order costs at most what the budget allows."""
    found = spent(kinds(SAVED["OrderWorkflow/card"]))
    assert over(found, ALLOWED) == {}, "over budget (found, allowed)"
    assert Counter(found)["activities"] > 0


@pytest.mark.parametrize(("life", "looks"), [("half-a-year", 1), ("half-a-year-overlapping", 2)])
def test_a_renewal_keeps_to_its_budget(life: str, looks: int) -> None:
    """A whole run of ten renewals costs ten times what one may; a further look is an activity and six events."""
    most = {name: RENEWALS_PER_RUN * one for name, one in PER_RENEWAL.items()}
    most["activities"] += RENEWALS_PER_RUN * (looks - 1)
    most["events"] += RENEWALS_PER_RUN * 6 * (looks - 1) + AROUND_A_RUN
    found = counted(kinds(SAVED[f"AuthorizationWorkflow/{life}-2"]))
    assert over(found, most) == {}, "over budget (found, allowed)"
    assert found["activities"] == most["activities"]


@pytest.mark.parametrize(("life", "most"), [("half-a-year", 660), ("half-a-year-overlapping", 810)])
def test_half_a_year_keeps_to_its_budget(life: str, most: int) -> None:
    """25 renewals, the maximum age and the end of the last hold, in three runs of which none is long."""
    runs = [counted(kinds(SAVED[f"AuthorizationWorkflow/{name}"])) for name in (f"{life}-1", f"{life}-2", life)]
    assert sum(one["events"] for one in runs) <= most
    assert max(one["events"] for one in runs) <= most // 2
