"""Random lives of authorizations: terms, providers, wishes, refusals and lost answers, and what must always hold."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from domain.authorization.declines import Decline
from domain.authorization.extension import void_of
from domain.authorization.facts import ActionKind, HoldStanding, StopReason
from domain.authorization.schemes import Scheme
from domain.authorization.state import AuthorizationState, HoldEnd
from domain.authorization.terms import Guard, HopePer, HopeScope, Preset, RenewalOrder
from domain.operations import Kind
from domain.outcomes import Outcome
from tests.domain.authorization.life import FakeProvider, Life, at

MONEY_KINDS = (Kind.AUTHORIZE, Kind.VOID, Kind.CAPTURE, Kind.REFUND)
SAID = (None, None, None, None, "lost", "lost", Outcome.UNKNOWN, *Decline)
ANSWERS = st.sampled_from(SAID)
WISHES = (*(kind.value for kind in ActionKind), "capture", "capture", "capture", "hint", "void_by_hand")
TERMS = st.fixed_dictionaries(
    {
        "renew_after_days": st.one_of(st.none(), st.integers(6, 13)),
        "max_age_days": st.integers(1, 180),
        "split": st.booleans(),
        "hope_per": st.sampled_from(HopePer),
        "respect_advice": st.booleans(),
        "report_final_only": st.booleans(),
        "report_stops": st.booleans(),
        "tell_success": st.booleans(),
        "order": st.sampled_from(RenewalOrder),
        "guard": st.sampled_from(Guard),
        "small_amounts": st.booleans(),
        "preset": st.sampled_from(Preset),
    }
)


@dataclass(frozen=True)
class Plan:
    """What will happen in one life. `wishes`: after so many minutes something is asked for, or done by hand."""

    terms: dict[str, object]
    scheme: Scheme
    in_parts: bool
    tells_deadlines: bool
    amount_minor: int
    begins: datetime
    wishes: list[tuple[int, str, int, bool]]
    script: dict[Kind, list[object]]
    unreadable: int


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    terms = draw(TERMS)
    terms["realtime"] = bool(terms["split"]) and draw(st.booleans())
    scopes = list(HopeScope) if terms["split"] else [HopeScope.RENEWAL]
    terms["hope_scope"] = draw(st.sampled_from(scopes))
    terms["hope_run"] = terms["renew_after_days"] is not None and draw(st.booleans())
    wish = st.tuples(
        st.one_of(st.integers(0, 10), st.integers(0, 60 * 24 * 2), st.integers(0, 60 * 24 * 40)),
        st.sampled_from(WISHES),
        st.one_of(st.integers(0, 12_000), st.integers(100, 3_000)),
        st.booleans(),
    )
    return Plan(
        terms=terms,
        scheme=draw(st.sampled_from(Scheme)),
        in_parts=draw(st.booleans()),
        tells_deadlines=draw(st.booleans()),
        amount_minor=draw(st.integers(100, 10_000)),
        begins=at(1, 1) + timedelta(minutes=draw(st.integers(0, 60 * 24 * 365))),
        wishes=draw(st.lists(wish, max_size=12)),
        script={kind: draw(st.lists(ANSWERS, max_size=12)) for kind in MONEY_KINDS},
        unreadable=draw(st.integers(0, 3)),
    )


def random_plan(rng: random.Random) -> Plan:
    """A long life by chance: most answers are a yes, so that it reaches its splits, renewals and hope runs."""
    split, days = rng.random() < 0.8, rng.choice([None, *range(6, 14), *range(6, 14)])
    realtime = split and rng.random() < 0.4
    terms: dict[str, object] = {
        "renew_after_days": days,
        "max_age_days": rng.choice([180, 180, 90, 30, rng.randint(1, 180)]),
        "split": split,
        "realtime": realtime,
        "hope_run": days is not None and rng.random() < 0.7,
        "hope_scope": HopeScope.RENEWAL_AND_SPLIT if split and rng.random() < 0.5 else HopeScope.RENEWAL,
        "hope_per": rng.choice(list(HopePer)),
        "report_final_only": rng.random() < 0.3,
        "tell_success": rng.random() < 0.3,
        "order": rng.choice(list(RenewalOrder)),
        "guard": rng.choice(list(Guard)),
        "preset": Preset.STRICT if rng.random() < 0.1 else Preset.HOLDFAST,
    }
    amount = rng.randint(100, 20_000)
    spans = (rng.randint(0, 10), rng.randint(0, 60 * 36), rng.randint(0, 60 * 24 * 30))
    often = [2, 1, 1, 1, 3, 1, 8, 8, 8, 2, 1]
    wishes = [
        (rng.choice(spans), rng.choices(WISHES, often)[0], rng.randint(0, amount), rng.random() < 0.1)
        for _ in range(rng.randint(0, 12))
    ]
    yes = rng.choice([0.98, 0.9, 0.7])
    return Plan(
        terms=terms,
        scheme=rng.choice(list(Scheme)),
        in_parts=rng.random() < 0.3,
        tells_deadlines=rng.random() < 0.5,
        amount_minor=amount,
        begins=at(1, 1) + timedelta(minutes=rng.randint(0, 60 * 24 * 365)),
        wishes=wishes,
        script={kind: [None if rng.random() < yes else rng.choice(SAID) for _ in range(40)] for kind in MONEY_KINDS},
        unreadable=rng.choice([0, 0, 1, 3]),
    )


@dataclass
class Watch:
    """Checks every state that a life goes through."""

    plan: Plan
    seen: int = 0
    numbers: list[str] = field(default_factory=list)

    def __call__(self, state: AuthorizationState) -> None:
        first = state.first
        if first is None:
            return
        assert state.captured_minor <= first.amount_minor
        assert state.refunded_minor <= state.captured_minor
        for hold in state.holds:
            assert 0 <= hold.captured_minor <= hold.amount_minor
            assert 0 <= hold.refunded_minor <= hold.captured_minor
        given_up = [one for one in state.operations if one.kind is Kind.VOID and one.outcome is Outcome.DECLINED]
        most = 2 if self.plan.terms["order"] is RenewalOrder.AUTHORIZE_FIRST or given_up else 1
        assert len(state.open_holds) <= most, [one.hold_id for one in state.open_holds]
        if len(state.holds) > self.seen:
            self.seen = len(state.holds)
            self._nothing_after_a_stop(state)

    def _nothing_after_a_stop(self, state: AuthorizationState) -> None:
        """No new hold after a stop, but for one that was under way: its predecessor void, or its answer lost."""
        if state.stopped is None or self.seen < 2:
            return
        before, record = state.holds[-2], state.operation(Kind.AUTHORIZE, f"hold-{self.seen}")
        void = void_of(state, before)
        assert record is not None
        under_way = (void is not None and void.first_at <= state.stopped.at) or record.first_at <= state.stopped.at
        assert under_way, f"{state.stopped} and yet {state.holds[-1]}"


def play(plan: Plan) -> Life:
    """Live it, and for a year longer; every state is checked, and in the end the books agree with the provider's."""
    provider = FakeProvider(
        scheme=plan.scheme,
        in_parts=plan.in_parts,
        tells_deadlines=plan.tells_deadlines,
        script={kind: list(said) for kind, said in plan.script.items()},
        unreadable=plan.unreadable,
    )
    life = Life.begin(plan.amount_minor, on=plan.begins, provider=provider, **plan.terms)
    life.hear = Watch(plan)
    meddled = False
    for minutes, what, amount, final in plan.wishes:
        life.until(life.now + timedelta(minutes=minutes))
        if what == "hint":
            life.hint()
        elif what == "void_by_hand":
            current = life.state.current
            if current is not None and provider.holds[current.hold_id].standing is HoldStanding.HELD:
                provider.holds[current.hold_id].standing = HoldStanding.VOIDED
                meddled = True
        elif what == "capture":
            life.capture(amount if amount < 11_500 else None, final=final, patient=not final and amount % 2 == 0)
        else:
            life.ask(ActionKind(what), amount if what == "refund" and amount else None)
    life.until(life.now + timedelta(days=400))
    check_end(life, meddled=meddled)
    return life


def check_end(life: Life, *, meddled: bool) -> None:
    """After a year everything has come to rest, nothing is in doubt, and both sides tell the same."""
    state, provider = life.state, life.provider
    assert life.decision.finished, (life.decision, state)
    assert not state.in_doubt()
    assert not state.waiting()
    for hold in state.holds:
        theirs = provider.holds[hold.hold_id]
        assert (hold.captured_minor, hold.refunded_minor) == (theirs.captured_minor, theirs.refunded_minor)
    assert len(provider.holds) == len(state.holds)
    money = [one for one in provider.effects if one[0] == "capture"]
    assert sum(amount for _, _, amount in money) == state.captured_minor
    last = state.last
    if last is not None and last.left_minor and last.end is HoldEnd.CAPTURED and not meddled:
        assert state.stopped is not None or not state.renewable
    if state.stopped is not None and state.stopped.reason is StopReason.DIFFERS:
        assert meddled
