"""The same facts lead to the same end, however their messages arrive."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.facts import ErpReported, ErpSnapshot, Fact, PaymentHinted
from domain.order import decide
from domain.order_state import evolve, same_picture
from domain.summary import status_of
from tests.domain.lives import Life, LifeRun
from tests.domain.test_lives import LIVES
from tests.scenarios import script
from tests.scenarios.pure import PureRun
from tests.scenarios.script import Action


class Manner(Enum):
    """How the messages of a time in which none got through arrive afterwards."""

    IN_ORDER = "in order"
    SHUFFLED = "in any order and several times, before the order does anything"
    NEWEST_FIRST = "the newest first; all others late and several times, while the order goes on"


@dataclass(frozen=True)
class Window:
    """A time between two points of a life: what happens in it, and how its messages arrive."""

    begins: int  # before which moment of the life
    happens: tuple[tuple[int, int], ...]
    dice: int  # for the order and the number of the messages


class LateRun(LifeRun):
    """A life in which no message gets through for a while; what happened in it is kept in `happened`."""

    def __init__(self, life: Life) -> None:
        super().__init__(life)
        self.held: list[Fact] | None = None
        self.happened: list[Action] = []

    def learn(self, fact: Fact) -> None:
        if self.held is not None and isinstance(fact, ErpReported | PaymentHinted):
            self.held.append(fact)
        else:
            super().learn(fact)

    def live_late(self, window: Window, manner: Manner) -> None:
        """The life with the window in it, and the month after."""
        self.settle()
        for number, (minutes, what, chance) in enumerate((*self.life.moments, (0, 0, 0))):
            if number == min(window.begins, len(self.life.moments)):
                self._lose_messages(window, manner)
            if number < len(self.life.moments):
                self.run_until(self.now + timedelta(minutes=minutes))
                self.happen(what, chance)
        self.recover()
        self.run_until(self.now + timedelta(days=30))
        self.check_rest()

    def _lose_messages(self, window: Window, manner: Manner) -> None:
        self.held = []
        for what, chance in window.happens:
            outside = [*self._in_the_warehouse(chance), *self._documents(chance), *self._at_the_provider(chance)]
            action = outside[what % len(outside)]
            self.happened.append(action)
            self.play_action(action)
            self.now += timedelta(minutes=1)
        messages, self.held = self.held, None
        self._deliver(messages, manner, random.Random(window.dice))
        PureRun.settle(self)

    def _deliver(self, messages: list[Fact], manner: Manner, dice: random.Random) -> None:
        late = [one for one in messages for _ in range(dice.randint(1, 3))]
        dice.shuffle(late)
        match manner:
            case Manner.IN_ORDER:
                late = messages
            case Manner.SHUFFLED:
                pass
            case Manner.NEWEST_FIRST:
                first = {type(one): one for one in messages}  # the last of each kind
                for one in first.values():
                    self.learn(one)
        for one in late:
            if manner is Manner.NEWEST_FIRST:
                PureRun.settle(self)
            self.learn(one)


def _what_counts(run: LifeRun) -> dict[str, object]:
    """Effects as multisets, open problems, and the status. A second release of a parked order is named by an instant,
    so problems about it are told apart by their code alone."""
    return {
        "erp": Counter(run.erp.effects),
        "provider": Counter(run.provider.effects),
        "mails": Counter(run.mails),
        "problems": Counter(one.code for one in run.state.open_problems()),
        "status": status_of(run.state),
    }


WINDOWS = st.builds(
    Window,
    begins=st.integers(0, 8),
    happens=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 400_00)), min_size=1, max_size=6).map(tuple),
    dice=st.integers(0, 2**16),
)
SHORT = LIVES.map(lambda life: replace(life, moments=life.moments[:8]))
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.rule("P8")
@QUICK
@given(SHORT, WINDOWS, st.sampled_from([Manner.SHUFFLED, Manner.NEWEST_FIRST]))
def test_every_order_of_arrival_ends_the_same(life: Life, window: Window, manner: Manner) -> None:
    """For a while no picture and no webhook gets through; then they arrive in order, or in another way.

    What an order did on a picture that was true when it acted stays done, so the ends may differ when it acts between
    two messages of which the later one arrives first: whether it does is left to the arrival, and no promise. Promised
    is what is compared here. Messages that arrive together may do so in any order and number, faults of requests
    included. Once the newest of each kind is known, older and repeated ones change nothing, though the order reads and
    acts in between; only the number of reads differs. That holds where the newest picture says what the order believes
    already, too.
    """
    _arrive_both_ways(life, window, manner)


@pytest.mark.long
@settings(QUICK, max_examples=2_000)
@given(SHORT, WINDOWS, st.sampled_from([Manner.SHUFFLED, Manner.NEWEST_FIRST]))
def test_two_thousand_orders_of_arrival(life: Life, window: Window, manner: Manner) -> None:
    """As above, for long."""
    _arrive_both_ways(life, window, manner)


def _arrive_both_ways(life: Life, window: Window, manner: Manner) -> None:
    one, other = LateRun(life), LateRun(life)
    one.live_late(window, Manner.IN_ORDER)
    other.live_late(window, manner)
    assert one.happened == other.happened
    assert _what_counts(one) == _what_counts(other), one.happened


# --- at once, or late: what is done in between differs, what is owed to whom does not


class SteadyRun(LateRun):
    """A life in which goods are delivered, cancelled and returned, and nobody interferes."""

    def goods(self, facts: tuple[tuple[int, int], ...], *, late: bool, dice: int) -> None:
        self.settle()
        if self.provider.awaits_transfer and dice % 2:
            self.play_action(script.Receipt(self.provider.remaining))
            self.play_action(script.Webhook())
        self.run_until(self.now + timedelta(minutes=10))
        self.held = [] if late else None
        for what, chance in facts:
            possible = [one for one in self._goods(chance) if one is not None]
            if possible:
                self.erp.locked = False  # goods leave when the warehouse says so
                self.happened.append(possible[what % len(possible)])
                self.play_action(self.happened[-1])
            self.run_until(self.now + timedelta(minutes=2))
        if self.held is not None:
            messages, self.held = self.held, None
            self._deliver(messages, Manner.SHUFFLED, random.Random(dice))
        self.recover()
        self.run_until(self.now + timedelta(days=30))
        self.check_rest()

    def _goods(self, chance: int) -> list[Action | None]:
        waiting, undecided, out = self._lines("ANG"), self._lines("ANG", "HAL"), self._lines("AUS")
        return [
            script.Ship((waiting[chance % len(waiting)],)) if waiting else None,
            script.CancelLines((undecided[chance % len(undecided)],)) if undecided else None,
            script.Return((out[chance % len(out)],)) if out else None,
        ]


def _what_is_owed(run: SteadyRun) -> dict[str, object]:
    """What was booked for which document, what the provider keeps and still holds, what is open, and the status."""
    return {
        "bookings": Counter(one for one in run.erp.effects if one.startswith("book ")),
        "kept": run.provider.charged,
        "held": run.provider.remaining,
        "shipments": run.provider.effects.count("shipment"),
        "problems": Counter(one.code for one in run.state.open_problems()),
        "status": status_of(run.state),
    }


@pytest.mark.rule("P60", "P61", "P62", "P63", "P64", "P65", "P69", "P70")
@QUICK
@given(
    SHORT,
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), min_size=1, max_size=6).map(tuple),
    st.integers(0, 2**16),
)
def test_at_once_or_late_the_same_is_booked_kept_and_held(
    life: Life, facts: tuple[tuple[int, int], ...], dice: int
) -> None:
    """Deliveries, cancellations and returns are told as they happen, or all together in any order at the end.

    An order that hears of them one by one may give back in several sums, or claim less where it would later pay back
    (rules P61, P63, P69), so the single movements and their comments may differ; what they come to may not. Left out
    are facts that a judgement hangs on when they arrive: transfers beside cancellations, cancellations taken back,
    changed totals, rounding differences, and what people or banks do at the provider.
    """
    calm = replace(life, troubles=(), pending=False, moments=(), off=0)
    at_once, late = SteadyRun(calm), SteadyRun(calm)
    at_once.goods(facts, late=False, dice=dice)
    late.goods(facts, late=True, dice=dice)
    assert at_once.happened == late.happened
    assert _what_is_owed(at_once) == _what_is_owed(late), late.happened


# --- the state itself


PICTURED = st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True)


@pytest.mark.rule("P8")
@given(LIVES, PICTURED, st.randoms(use_true_random=False))
@settings(QUICK, max_examples=30)
def test_the_newest_picture_stays_whatever_came_after_it(life: Life, minutes: list[int], dice: random.Random) -> None:
    """Pictures in any order, repeated: the state tells what the one says that was taken last, and decides alike.

    Some say what is believed already; one from in between is no news after them.
    """
    run = LifeRun(life)
    run.settle()
    pictures = [_taken_at(run, one) for one in sorted(minutes)]
    shuffled = [one for one in pictures for _ in range(dice.randint(1, 3))]
    dice.shuffle(shuffled)
    ends = []
    for order in (pictures, shuffled):
        state = run.state
        for one in order:
            state = evolve(state, ErpReported(one))
        assert state.erp is not None
        assert same_picture(state.erp, replace(pictures[-1], payment_tag=None))
        ends.append(decide(state, run.config, run.pacing, run.now + timedelta(hours=1)))
    assert ends[0] == ends[1]


def _taken_at(run: LifeRun, minute: int) -> ErpSnapshot:
    seen = run.erp.snapshot(run.now + timedelta(minutes=1 + minute))
    return replace(seen, settled_left_out_minor=minute % 3, digest=str(minute % 3))
