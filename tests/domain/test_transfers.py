"""When the customer's transfer counts as received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import LineSums
from domain.transfers import transfer
from tests.domain.building import checked, config, picture, prepayment


@pytest.mark.rule("P29", "P6")
@given(st.integers(0, 300_00), st.integers(0, 100_00), st.integers(0, 500))
def test_receipts_are_held_against_what_is_still_owed(received: int, cancelled: int, tolerance: int) -> None:
    """Complete, too little and too much follow from the sums, the tolerance being inclusive on both sides."""
    state = checked(picture(cancelled=LineSums(1, cancelled)), prepayment(received=received))
    found = transfer(state, config(tolerance_minor=tolerance))
    owed = 100_00 - cancelled
    assert found.wanted_minor == owed
    assert found.complete is (received >= owed - tolerance and (received > 0 or owed <= 0))
    assert found.too_little is (0 < received < owed - tolerance)
    assert found.too_much is (received > 100_00 + tolerance)  # what was cancelled is still to be given back
    assert not (found.too_little and found.too_much)
