"""The leave to act on a configuration that is switched off: nothing new, but open questions are asked."""

from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError

from activities.going import Going, go, going, leave_to_act
from domain.errors import NotSent
from domain.ports import Earlier, Permits

NOON = datetime(2027, 3, 1, 11, tzinfo=UTC)


def _leave(sends: int) -> Going:
    return Going(lambda: NOON, Earlier(sends, may_send=True), Permits(lambda: None, lambda: None))


@pytest.mark.rule("P4")
def test_a_switched_off_configuration_sends_nothing_new() -> None:
    """An operation that never left does not leave now."""
    with go(_leave(sends=0)), pytest.raises(NotSent, match="inactive"):
        leave_to_act(active=False)


def test_a_switched_off_configuration_still_asks_for_open_outcomes() -> None:
    """What may have been sent is asked for, and not sent again."""
    with go(_leave(sends=2)):
        assert leave_to_act(active=False).earlier == Earlier(2, may_send=False)


def test_an_active_configuration_goes_on_as_it_was() -> None:
    """Nothing is taken away."""
    with go(_leave(sends=2)):
        assert leave_to_act(active=True).earlier == Earlier(2, may_send=True)


def test_an_operation_outside_the_recorder_is_a_mistake() -> None:
    """Nothing is carried out that was not written down before."""
    with pytest.raises(ApplicationError, match="inside the recorder"):
        going()
