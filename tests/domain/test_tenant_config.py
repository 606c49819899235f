"""A configuration that cannot work is refused with a sentence that says what to do."""

from datetime import timedelta
from typing import Any

import pytest

from domain.tenant_config import InvalidConfiguration
from tests.domain.building import config


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tolerance_minor": -1}, "tolerance"),
        ({"alarm_after": timedelta(minutes=10) - timedelta(seconds=1)}, "ten minutes"),
        ({"invoice_event": ""}, "one to three"),
        ({"invoice_event": "LONG"}, "one to three"),
        ({"reread_prepayment_after": timedelta()}, "reread_prepayment_after"),
        ({"warn_prepayment_after": timedelta(days=-1)}, "warn_prepayment_after"),
        ({"warn_hold_after": timedelta()}, "warn_hold_after"),
        ({"keep_after_settled": timedelta()}, "keep_after_settled"),
    ],
)
def test_an_impossible_setting_is_refused(changes: dict[str, Any], said: str) -> None:
    """The refusal names the setting."""
    with pytest.raises(InvalidConfiguration, match=said):
        config(**changes)


@pytest.mark.rule("P40")
def test_the_alarm_may_be_set_to_ten_minutes_but_not_earlier() -> None:
    """Ten minutes from the condition to the settlement are normal."""
    assert config(alarm_after=timedelta(minutes=10)).alarm_after == timedelta(minutes=10)


def test_limits_are_allowed() -> None:
    """No tolerance, and an event of one or three characters."""
    assert config(tolerance_minor=0, invoice_event="U").invoice_event == "U"
    assert config(invoice_event="UZE").invoice_event == "UZE"
