"""The table itself: it covers the rules it is there for, and its rows can be told apart."""

import tomllib
from pathlib import Path

from domain.summary import OrderStatus
from tests.scenarios.script import Expect
from tests.scenarios.table import SCENARIOS

RULES = Path(__file__).parents[2] / "docs" / "rules.toml"
NO_ORDER_SHOWS = {"P24"}  # the merchant's duty, a point of the setup check


def test_every_claimed_process_rule_has_a_row() -> None:
    """A rule of the ERP process that Holdfast claims to follow is played by at least one scenario."""
    claimed = {rule for rule, row in tomllib.loads(RULES.read_text()).items() if row["status"] == "claimed"}
    of_the_process = {rule for rule in claimed if rule.startswith("P")} - NO_ORDER_SHOWS
    assert of_the_process <= {rule for row in SCENARIOS for rule in row.rules}


def test_no_two_rows_share_a_name() -> None:
    """A failing row is found by its name."""
    names = [row.name for row in SCENARIOS]
    assert len(set(names)) == len(names)


def test_every_row_tells_its_effects_completely() -> None:
    """No row leaves out a system at its end, for an effect there would pass unseen."""
    for row in SCENARIOS:
        assert None not in (row.end.erp, row.end.provider, row.end.mails), row.name
        known = {one.value for one in OrderStatus}
        statuses = {row.end.status, *(action.status for _, action in row.script if isinstance(action, Expect))}
        assert statuses - {None} <= known, row.name
