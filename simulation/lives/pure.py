"""Plays a described life in the pure core: the same decisions, no server, in milliseconds.

The provider in memory knows holds, deadlines and refusals; it has no retry limits of card schemes, and a hold's nightly
minute is another one than in the real thing.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from adapters.computop.mapping import DECLINES
from adapters.stripe_psp.mapping import CLASS_OF
from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.facts import ActionAsked, HoldStanding, LookedAgain, Origin, TermsChanged
from domain.authorization.operations import HoldOperation
from domain.authorization.schemes import Initiator, valid_for
from domain.authorization.state import AuthorizationState
from domain.operations import Kind
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.tenant_config import Pacing
from simulation.lives.core import CoreLife, MemoryProvider
from simulation.lives.scenario import DASHBOARD, Behaviour, Call, Event, Scenario, Trouble, Wish
from simulation.lives.timeline import Life

_KINDS = {Call.AUTHORIZE: Kind.AUTHORIZE, Call.CAPTURE: Kind.CAPTURE, Call.VOID: Kind.VOID, Call.REFUND: Kind.REFUND}
_BY_HAND = {Wish.CAPTURE: Kind.CAPTURE, Wish.VOID: Kind.VOID, Wish.REFUND: Kind.REFUND}
_MODULE = "2100"  # what stands before a detail code of Paygate


class NeedsTheErp(Exception):
    """A life with an order cannot be played without the ERP's stand-in; the text says what to do."""


def play_pure(scenario: Scenario, pacing: Pacing, now: datetime) -> Life:
    """The whole life; `now` (UTC) decides when one without a date begins. Raises `NeedsTheErp`."""
    if scenario.lines:
        raise NeedsTheErp(f"{scenario.name} has an order in the ERP: play it without --pure")
    began = time.monotonic()
    player = _Player(scenario, pacing, scenario.begins(now))
    return player.play(began)


class _Player:
    def __init__(self, scenario: Scenario, pacing: Pacing, begins: datetime) -> None:
        self._scenario, self._begins = scenario, begins
        self._by_hand: list[tuple[datetime, str, int | None]] = []
        told = scenario.provider == "stripe"
        self._provider = MemoryProvider(
            scheme=scenario.scheme,
            in_parts="multicapture" in scenario.features,
            tells_deadlines=told,
            valid_for={one: valid_for(scenario.scheme, one) for one in Initiator},
            currency=scenario.currency,
        )
        hold = self._provider.place(scenario.amount_minor, begins, Initiator.CUSTOMER)
        self._life = CoreLife(self._provider, AuthorizationState("authorization/life/pure/hold1"), begins, pacing)
        self._life.register(hold.hold_id, scenario.terms, "order", "order")

    def play(self, began: float) -> Life:
        ends = self._scenario.ends(self._begins)
        for instant, act in sorted(self._plan(), key=lambda one: one[0]):
            self._life.advance(instant)
            act()
            self._life.settle()
        self._life.advance(ends)
        return Life(
            scenario=self._scenario,
            begins=self._begins,
            ends=ends,
            facts=tuple(self._life.heard),
            refusals=(),
            by_hand=tuple(self._by_hand),
            state=self._life.state,
            how="pure",
            seconds=time.monotonic() - began,
        )

    def _plan(self) -> Iterator[tuple[datetime, Any]]:
        for behaviour in self._scenario.behaviours:
            yield behaviour.since.instant(self._begins), partial(self._misbehave, behaviour)
        for number, event in enumerate(self._scenario.events, 1):
            yield event.at.instant(self._begins), partial(self._do, event, f"request-{number}")

    def _do(self, event: Event, request_id: str) -> None:
        life = self._life
        if event.origin == DASHBOARD:
            self._at_dashboard(event)
        elif event.wish is Wish.LOOK_AGAIN:
            life.learn(LookedAgain(life.now, request_id))
        elif event.terms is not None:
            life.learn(TermsChanged(life.now, event.terms))
        elif event.action is not None:
            life.learn(ActionAsked(request_id, event.action, life.now, Origin(event.origin)))

    def _at_dashboard(self, event: Event) -> None:
        now, last = self._life.now, self._life.state.last
        assert last is not None
        hold = self._provider.holds[last.hold_id]
        amount = event.action.amount_minor if event.action is not None else None
        every = self._provider.open_minor(hold) if event.wish is Wish.CAPTURE else hold.captured_minor
        operation = HoldOperation(
            _BY_HAND[event.wish], "", hold_id=hold.hold_id, amount_minor=every if amount is None else amount
        )
        refused = event.wish is not Wish.REFUND and hold.standing is not HoldStanding.HELD
        if refused or self._provider.carry_out(operation, now).outcome is not Outcome.SUCCEEDED:
            self._by_hand.append((now, f"{event.wish.value}, refused by the provider,", amount))
        else:
            self._by_hand.append((now, event.wish.value, amount))

    def _misbehave(self, behaviour: Behaviour) -> None:
        provider = self._provider
        if behaviour.trouble is Trouble.OUTAGE:
            provider.away_until = self._life.now + timedelta(hours=behaviour.hours)
        elif behaviour.call is Call.READ:
            provider.unreadable += behaviour.times
        elif behaviour.call is not None:
            said: list[object] = [None] * behaviour.skip + [self._answer(behaviour)] * behaviour.times
            provider.script.setdefault(_KINDS[behaviour.call], []).extend(said)

    def _answer(self, behaviour: Behaviour) -> object:
        """What the provider says: its refusal, or nothing that anybody hears."""
        if behaviour.trouble is Trouble.LOST_ANSWER:
            return "lost"
        if behaviour.trouble is Trouble.LOST_REQUEST:
            return Outcome.UNKNOWN
        code = behaviour.code
        if self._scenario.provider == "computop":
            code = code if len(code) > len(_MODULE) else _MODULE + code
        classes = DECLINES if self._scenario.provider == "computop" else CLASS_OF
        reason = classes.get(code[-4:] if self._scenario.provider == "computop" else code, Decline.OTHER)
        told = reason.value if behaviour.call is Call.AUTHORIZE else reasons.REFUSED
        return OperationResult(Outcome.DECLINED, told, Evidence(code=code))
