"""What a happy order costs by its saved history: card, expert mode, one invoice, no callbacks (docs/adr/0009)."""

from collections import Counter

from tests.replay.histories import saved
from tests.workflows.budget import ALLOWED, spent


def test_a_happy_order_keeps_to_its_budget() -> None:
    """Until it only waits for its end, an order costs at most what the budget allows."""
    (card,) = [one for one in saved() if one.title == "OrderWorkflow/card"]
    found = spent(kind for kind, _ in card.attributes())
    over = {name: (found[name], most) for name, most in ALLOWED.items() if found[name] > most}
    assert over == {}, f"over budget (found, allowed): {over}"
    assert Counter(found)["activities"] > 0
