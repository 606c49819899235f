"""The random lives of the pure core as described lives, so that the same generator feeds the real thing."""

import random
from collections.abc import Iterator
from datetime import time

from domain.authorization.declines import Decline
from domain.authorization.facts import Action, ActionKind
from domain.authorization.schemes import Scheme
from domain.authorization.terms import AuthorizationTerms
from domain.operations import Kind
from domain.windows import BERLIN
from simulation.lives.scenario import DASHBOARD, Behaviour, Call, Event, Moment, Scenario, Trouble, Wish
from tests.domain.authorization.random_lives import Plan, random_plan

DAYS = 20
WISHES = 5
TROUBLES = 3  # of each kind of request
MINUTES = 24 * 60
CODES = {
    "computop": {
        Decline.BY_ISSUER: "0305",
        Decline.TEMPORARY: "0396",
        Decline.UNREACHABLE: "0391",
        Decline.FUNDS: "0351",
        Decline.NEVER: "0343",
        Decline.DATA: "0333",
    },
    "stripe": {
        Decline.BY_ISSUER: "do_not_honor",
        Decline.TEMPORARY: "processing_error",
        Decline.UNREACHABLE: "issuer_not_available",
        Decline.FUNDS: "insufficient_funds",
        Decline.NEVER: "lost_card",
        Decline.DATA: "expired_card",
        Decline.CUSTOMER: "authentication_required",
    },
}
OTHERWISE = {"computop": "0312", "stripe": "call_issuer"}
CALLS = {Kind.AUTHORIZE: Call.AUTHORIZE, Kind.VOID: Call.VOID, Kind.CAPTURE: Call.CAPTURE, Kind.REFUND: Call.REFUND}
UNKNOWN_CARD = {"computop": Scheme.OTHER, "stripe": Scheme.CARTES_BANCAIRES}


def random_scenario(number: int) -> tuple[Plan, Scenario]:
    """The life that this number stands for, at one provider or the other."""
    plan = random_plan(random.Random(number))
    provider = "stripe" if number % 2 else "computop"
    begins = plan.begins.astimezone(BERLIN)
    scenario = Scenario(
        name=f"random life {number}",
        provider=provider,
        scheme=Scheme.VISA if plan.scheme is UNKNOWN_CARD[provider] else plan.scheme,
        amount_minor=plan.amount_minor,
        begins_at=time(begins.hour, begins.minute),
        days=DAYS,
        features=("multicapture",) if plan.in_parts and provider == "stripe" else (),
        terms=AuthorizationTerms(**plan.terms),  # type: ignore[arg-type]
        events=tuple(_events(plan)),
        behaviours=tuple(_behaviours(plan, provider)),
    )
    return plan, scenario


def _at(plan: Plan, minutes: int) -> Moment:
    """So many minutes after the beginning."""
    begins = plan.begins.astimezone(BERLIN)
    minutes += begins.hour * 60 + begins.minute
    return Moment(minutes // MINUTES, time(minutes % MINUTES // 60, minutes % 60))


def _events(plan: Plan) -> Iterator[Event]:
    minutes = 1
    for after, what, amount, final in plan.wishes[:WISHES]:
        minutes += after
        if minutes > (DAYS - 5) * MINUTES:
            return
        at = _at(plan, minutes)
        if what == "hint":
            yield Event(at, Wish.LOOK_AGAIN)
        elif what == "void_by_hand":
            yield Event(at, Wish.VOID, Action(ActionKind.VOID), DASHBOARD)
        elif what == "capture":
            patient = not final and amount % 2 == 0
            yield Event(at, Wish.CAPTURE, Action(ActionKind.CAPTURE, amount, final=final, patient=patient))
        else:
            kind = ActionKind(what)
            wanted = amount if kind is ActionKind.REFUND and amount else None
            yield Event(at, Wish(what), Action(kind, wanted))


def _behaviours(plan: Plan, provider: str) -> Iterator[Behaviour]:
    begins = _at(plan, 1)
    for kind, said in plan.script.items():
        troubles = [(number, one) for number, one in enumerate(said) if one is not None][:TROUBLES]
        for number, one in troubles:
            if isinstance(one, Decline):
                code = CODES[provider].get(one, OTHERWISE[provider])
                yield Behaviour(begins, Trouble.DECLINE, CALLS[kind], code, skip=number)
            else:
                lost = Trouble.LOST_ANSWER if one == "lost" else Trouble.LOST_REQUEST
                yield Behaviour(begins, lost, CALLS[kind], skip=number)
    if plan.unreadable:
        yield Behaviour(begins, Trouble.LOST_REQUEST, Call.READ, times=plan.unreadable)
