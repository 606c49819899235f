"""Authorizations that live while processes die: what happens to each, which answers are lost, and their books."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from cli.hold_stage import CustomersHold, HoldStage, Purchase
from domain.authorization.facts import Action, ActionKind, HoldOperationEnded
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import AuthorizationTerms, Channel, Guard, RenewalOrder
from domain.operations import Kind
from domain.outcomes import FINAL, Outcome
from domain.tenant_config import Language
from simulation.steps import At
from storage.database import Database
from storage.tables import failure_lines, journal_facts, operations
from storage.values import fact_from_json
from workflows.messages import Answer

AMOUNT = 10_000  # cents
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MONEY = (Kind.AUTHORIZE, Kind.CAPTURE, Kind.VOID, Kind.REFUND)
TERMS: dict[str, Any] = {"renew_after_days": 6, "guard": Guard.SHORTEN, "language": Language.ENGLISH}


@dataclass(frozen=True)
class Plan:
    """What is agreed on, what the merchant asks for (after so long), and how often the issuer refuses a new hold."""

    name: str
    terms: dict[str, Any]
    acts: tuple[tuple[timedelta, Action], ...] = ()
    refused: int = 0


def capture(amount_minor: int | None, *, final: bool = False, patient: bool = False) -> Action:
    return Action(ActionKind.CAPTURE, amount_minor, final=final, patient=patient)


PLANS = (
    Plan("renewed", {}, ((11 * DAY, Action(ActionKind.VOID)),)),
    Plan(
        "overlapping",
        {"order": RenewalOrder.AUTHORIZE_FIRST},
        ((7 * DAY, capture(4_000)), (9 * DAY, capture(None)), (9.1 * DAY, Action(ActionKind.REFUND, 2_500))),
    ),
    Plan(
        "split",
        {},
        (
            (2 * DAY, capture(3_000)),
            (2 * DAY + MINUTE, capture(2_000, patient=True)),
            (8 * DAY, capture(1_000, final=True)),
        ),
    ),
    Plan(
        "realtime",
        {"realtime": True},
        (
            (3 * DAY, capture(1_000)),
            (3 * DAY + 10 * MINUTE, capture(2_000)),
            (10 * DAY, Action(ActionKind.REVERSE)),
        ),
    ),
    Plan("failing", {"channel": Channel.FILE, "hope_run": True}, refused=2),
)
"""Two refusals: of the first renewal and of its hope run, so two lines."""


@dataclass(frozen=True)
class House:
    """How a provider's stand-in calls things."""

    calls: dict[Kind, tuple[str, ...]]  # calls that are answered late or not at all
    effects: dict[str, Kind]
    ends: frozenset[str]  # effects by which nothing is held under an id any more
    hold: str  # the fact of an effect that names the hold

    def kind_of(self, effect: dict[str, Any]) -> Kind | None:
        """Which of our operations had this effect; None for what happened by itself or to a remainder."""
        if effect.get("reason") in ("captured", "partial_capture") or effect.get("by") == "clock":
            return None
        return self.effects.get(effect["kind"])


HOUSES = {
    "stripe": House(
        {
            Kind.AUTHORIZE: ("payment_intents.create", "payment_intents.confirm"),
            Kind.CAPTURE: ("payment_intents.capture",),
            Kind.VOID: ("payment_intents.cancel",),
            Kind.REFUND: ("refunds.create",),
        },
        {"authorized": Kind.AUTHORIZE, "captured": Kind.CAPTURE, "released": Kind.VOID, "refunded": Kind.REFUND},
        frozenset({"captured", "released", "expired"}),
        "payment_intent",
    ),
    "computop": House(
        {
            Kind.AUTHORIZE: ("direct",),
            Kind.CAPTURE: ("capture",),
            Kind.VOID: ("reverse",),
            Kind.REFUND: ("credit", "reverse"),
        },
        {"authorized": Kind.AUTHORIZE, "captured": Kind.CAPTURE, "reversed": Kind.VOID, "credited": Kind.REFUND},
        frozenset({"captured", "reversed", "lapsed"}),
        "pay_id",
    ),
}


@dataclass
class Life:
    """One authorization of the test."""

    plan: Plan
    hold: CustomersHold
    refused: list[str] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.hold.stage.provider} {self.plan.name}"

    @property
    def case(self) -> str:
        return self.hold.start.case_reference

    async def ask(self, number: int, action: Action) -> None:
        """Raises RPCError while nobody works who could answer; then the same request is made again."""
        reply = await self.hold.ask(f"act-{number}", action)
        self.answered.add(number)
        if reply.answer is Answer.REFUSED:
            self.refused.append(f"{self}: {action.kind.value} {action.amount_minor}: {reply.reason}")


async def open_business(stage: HoldStage, begins: datetime, rng: random.Random) -> list[Life]:
    """Every plan once. Of each call that moves money some requests are lost, and some answers."""
    lives = []
    for plan in PLANS:
        terms = AuthorizationTerms(**{**TERMS, **plan.terms})
        hold = await stage.sell(Purchase(f"order-{plan.name}", AMOUNT), terms, begins)
        lives.append(Life(plan, hold))
        await asyncio.to_thread(_refuse, lives[-1])
    for call in sorted({one for calls in HOUSES[stage.provider].calls.values() for one in calls}):
        for kind in ("drop_after", "refuse", "status_after"):
            arm = {"call": call, "kind": kind, "skip": rng.randrange(3), "status": 503}
            await asyncio.to_thread(partial(stage.call, "POST", "/faults", **arm))
    return lives


def _refuse(life: Life) -> None:
    """The issuer says no to the next holds of a customer."""
    stage, times = life.hold.stage, life.plan.refused
    if not times:
        return
    if stage.provider == "stripe":
        first = life.hold.start.reference
        (customer,) = {one["customer"] for one in stage.effects() if one["payment_intent"] == first}
        stage.call("POST", "/outcomes", outcomes=["generic_decline"] * times, customer=customer)
    else:
        stage.call("POST", "/scripts", call="direct", trans_id=life.case, times=times, code="21000305")


def events(lives: Sequence[Life], begins: datetime) -> list[At]:
    """What the merchants ask for and have not been answered yet."""

    def act(life: Life, number: int, action: Action) -> Callable[[], Any]:
        return lambda: life.ask(number, action)

    return [
        At(begins + after, f"{life} {action.kind.value}", act(life, number, action))
        for life in lives
        for number, (after, action) in enumerate(life.plan.acts, 1)
        if number not in life.answered
    ]


@dataclass
class HoldBooks:
    """What took effect at a provider, what our journal says, and every difference as one sentence."""

    stage: HoldStage
    db: Database
    lives: Sequence[Life]
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house = HOUSES[self.stage.provider]
        self.effects = self.stage.effects()
        self.states = {str(one): state for one in self.lives if (state := one.hold.state())}
        self.ended = {str(one): self._ended(one) for one in self.lives}

    def _ended(self, life: Life) -> list[HoldOperationEnded]:
        mine = journal_facts.c.workflow_id == life.hold.workflow_id
        with self.db.read() as sql:
            rows = sql.execute(select(journal_facts).where(mine).order_by(journal_facts.c.seq)).all()
        facts = [fact_from_json(one.kind, one.payload) for one in rows if one.kind == HoldOperationEnded.__name__]
        return [one for one in facts if isinstance(one, HoldOperationEnded)]

    @property
    def unknowns(self) -> int:
        """How often an outcome was unknown at first."""
        return sum(one.result.outcome is Outcome.UNKNOWN for ended in self.ended.values() for one in ended)

    @property
    def lost(self) -> Counter[str]:
        """Calls that took effect without an answer, and calls that were never heard."""
        return Counter(one["fault"] for one in self.stage.call("GET", "/log") if one["fault"])

    def check(self) -> list[str]:
        self.wrong = []
        self._check_strangers()
        for life in self.lives:
            self._check_effects(life)
            self._check_open(life)
            self._check_lines(life)
        self._check_operations()
        return self.wrong

    def _of(self, life: Life) -> list[dict[str, Any]]:
        ids = {one.hold_id for one in self.states[str(life)].holds}
        return [one for one in self.effects if one[self.house.hold] in ids]

    def _check_strangers(self) -> None:
        known = {one.hold_id for state in self.states.values() for one in state.holds}
        strange = [one for one in self.effects if one[self.house.hold] not in known]
        self._equal("effects on holds that nobody of us knows", strange, [])
        overlapping = {one.case for one in self.lives if self._overlaps(one)}
        unheard = Counter({one.case: self._placed_unheard(one) for one in self.lives})
        for one in self.stage.violations():
            case = one.get("trans_id", "")
            if one["rule"] == "two_open_holds" and case in overlapping:
                continue
            # a new hold whose answer was lost is found by asking, and inquiries do not tell the scheme's reference
            if one["rule"] == "scheme_reference_of_another_link" and unheard[case]:
                unheard[case] -= 1
                continue
            self.wrong.append(f"a request against the provider's rules: {one}")

    def _placed_unheard(self, life: Life) -> int:
        """How many holds were placed of which the first answer did not come."""
        unheard = [one.operation for one in self.ended[str(life)] if one.result.outcome is Outcome.UNKNOWN]
        return len({(one.subject, one.attempt) for one in unheard if one.kind is Kind.AUTHORIZE})

    def _overlaps(self, life: Life) -> bool:
        return self.states[str(life)].terms.order is RenewalOrder.AUTHORIZE_FIRST

    def _check_effects(self, life: Life) -> None:
        """Each operation that succeeded had its effect once, and there was no effect without one."""
        found = Counter(
            (kind.value, one[self.house.hold], one["amount_minor"])
            for one in self._of(life)
            if one.get("by", one.get("origin")) != "seed" and (kind := self._kind_of(one)) is not None
        )
        ours: dict[tuple[str, str, int], tuple[str, str, int]] = {}
        for one in self.ended[str(life)]:
            operation, result = one.operation, one.result
            if operation.kind in MONEY and result.outcome is Outcome.SUCCEEDED:
                evidence = result.evidence
                placed = evidence.reference if evidence and operation.kind is Kind.AUTHORIZE else operation.hold_id
                key = (operation.kind.value, operation.subject, operation.attempt)
                ours[key] = (operation.kind.value, placed, operation.amount_minor or 0)
        self._equal(f"{life}: effects at the provider and in our books", found, Counter(ours.values()))
        state = self.states[str(life)]
        captured = sum(count * key[2] for key, count in found.items() if key[0] == Kind.CAPTURE.value)
        self._equal(f"{life}: captured", captured, state.captured_minor)
        if captured > AMOUNT:
            self.wrong.append(f"{life}: captured {captured} of {AMOUNT}")

    def _kind_of(self, effect: dict[str, Any]) -> Kind | None:
        kind = self.house.kind_of(effect)
        undone = effect.get("undone")
        return Kind.REFUND if kind is Kind.VOID and undone in ("capture", "sale") else kind

    def _check_open(self, life: Life) -> None:
        """Never two holds at once, but for the moment in which the new one comes first."""
        open_holds: set[str] = set()
        most = 2 if self._overlaps(life) else 1
        for one in self._of(life):
            name = one[self.house.hold]
            if one["kind"] == "authorized":
                open_holds.add(name)
            elif one["kind"] in self.house.ends and one.get("undone") not in ("capture", "sale"):
                open_holds.discard(name)
            if len(open_holds) > most:
                self.wrong.append(f"{life}: {sorted(open_holds)} are open at {one['at']}")
        state: AuthorizationState = self.states[str(life)]
        self._equal(f"{life}: open at the end", open_holds, {one.hold_id for one in state.open_holds})

    def _check_lines(self, life: Life) -> None:
        with self.db.read() as sql:
            mine = failure_lines.c.workflow_id == life.hold.workflow_id
            keys = sorted(sql.execute(select(failure_lines.c.key).where(mine)).scalars())
        self._equal(f"{life}: lines of failures", keys, [f"1-{number + 1}" for number in range(life.plan.refused)])

    def _check_operations(self) -> None:
        mine = operations.c.workflow_id.like(f"authorization/{self.stage.tenant}/%")
        money = operations.c.kind.in_([one.value for one in MONEY])  # there is no mail server
        ended = func.coalesce(operations.c.outcome, "").in_([one.value for one in FINAL])
        with self.db.read() as sql:
            found = sql.execute(select(operations.c.id).where(mine, money, operations.c.executing | ~ended)).scalars()
            self._equal("operations without an end", list(found), [])

    def _equal(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found}, expected {wanted}")
