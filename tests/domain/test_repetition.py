"""Every repetition has its window, its pause and its budget."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.operations import Kind, Operation
from domain.order_state import OperationRecord
from domain.outcomes import Outcome
from domain.repetition import Turn, next_turn, pause
from domain.windows import erp_is_quiet
from tests.domain.building import AT, HOUR, MINUTE, PACING, WORKFLOW_ID

INSTANTS = st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _record(outcome: Outcome, at: datetime = AT, kind: Kind = Kind.CAPTURE, **changes: object) -> OperationRecord:
    record = OperationRecord(Operation(kind, "R1", attempt=2), outcome, first_at=at, at=at)
    return replace(record, **changes)  # type: ignore[arg-type]


def _turn(record: OperationRecord | None, now: datetime = AT, kind: Kind = Kind.CAPTURE) -> Turn | None:
    return next_turn(record, kind, WORKFLOW_ID, PACING, now)


def test_what_was_never_tried_starts_at_once() -> None:
    """The first attempt has number one."""
    assert _turn(None) == Turn(1, AT)


def test_what_succeeded_is_never_repeated() -> None:
    """Not even when somebody asks."""
    assert _turn(_record(Outcome.SUCCEEDED, again=True)) is None


def test_a_definite_no_is_repeated_only_on_demand_and_under_a_new_number() -> None:
    """A refusal ends the matter; a person may ask for another attempt."""
    assert _turn(_record(Outcome.DECLINED)) is None
    assert _turn(_record(Outcome.DECLINED, again=True)) == Turn(3, AT)


def test_an_unclear_end_keeps_its_number_and_waits_until_nothing_can_be_in_flight() -> None:
    """The other side is asked by the same reference, after the longest time a request may take effect."""
    assert _turn(_record(Outcome.UNKNOWN)) == Turn(2, AT + PACING.in_flight)
    assert _turn(_record(Outcome.UNKNOWN, executions=2)) == Turn(2, AT + 2 * MINUTE)
    assert _turn(_record(Outcome.PENDING)) == Turn(2, AT + PACING.pending_look)


def test_pauses_double_up_to_the_longest() -> None:
    """Sixty tries later it is still the longest pause, not an overflow."""
    assert [pause(times, PACING) for times in (0, 1, 2, 3)] == [MINUTE, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert pause(60, PACING) == pause(10**9, PACING) == PACING.longest_pause == HOUR


@given(st.sampled_from([Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.PENDING]), st.integers(-5, 5), st.integers(1, 99))
def test_a_repetition_lies_ahead_of_the_last_try(outcome: Outcome, minutes: int, executions: int) -> None:
    """Whatever instant the other side names: if it is not ahead, our own pause counts."""
    told = AT + minutes * MINUTE
    turn = _turn(_record(outcome, retry_at=told, executions=executions))
    assert turn is not None
    assert turn.at > AT
    assert turn.at == told or minutes <= 0


@pytest.mark.rule("P5")
@given(INSTANTS, st.sampled_from(sorted(Outcome)), st.timedeltas(timedelta(), timedelta(days=2)))
def test_no_turn_of_the_erp_lies_in_its_quiet_hours(at: datetime, outcome: Outcome, later: timedelta) -> None:
    """Whenever the last try was and whenever it is asked, the ERP's turn is outside the window."""
    now = at + later
    for record in (None, _record(outcome, at, Kind.BOOK, again=True)):
        turn = _turn(record, now, Kind.BOOK)
        assert turn is None or not erp_is_quiet(turn.at)


@pytest.mark.rule("P5")
@given(INSTANTS)
def test_the_provider_is_not_held_back_by_the_erps_night(at: datetime) -> None:
    """A capture and a mail start at any hour."""
    assert _turn(None, at) == Turn(1, at)
    assert _turn(None, at, Kind.MAIL) == Turn(1, at)
