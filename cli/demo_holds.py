"""The demo authorizations: a customer's hold at Stripe and one at Paygate, renewed, split and captured to the end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial

from cli.demo import Diary
from cli.hold_stage import CustomersHold, HoldStage, Purchase
from domain.authorization.facts import Action, ActionKind
from domain.authorization.operations import ExtensionKind
from domain.authorization.schemes import Scheme
from domain.authorization.summary import status_of
from domain.authorization.terms import AuthorizationTerms
from simulation.steps import At
from storage.authorizations import SqlAuthorizations
from storage.values import from_json
from workflows.messages import AuthorizationStart

FIRST_SALE = timedelta(minutes=2)
WATCHED = timedelta(days=14)
CAPTURED = frozenset({"captured"})  # what the stand-ins call it
GIVEN_BACK = frozenset({"refunded", "credited"})


@dataclass(frozen=True)
class HoldWish:
    """What the merchant asks for, so long after the customer paid."""

    after: timedelta
    what: str
    action: Action


@dataclass(frozen=True)
class HoldFinish:
    """How a story must end. `renewed` and `split` count holds, amounts are minor units in order."""

    renewed: int
    split: int
    captured: tuple[int, ...]
    given_back: tuple[int, ...]
    status: str


@dataclass(frozen=True)
class HoldStory:
    """One demo authorization."""

    name: str
    title: str
    provider: str
    purchase: Purchase
    terms: AuthorizationTerms
    wishes: tuple[HoldWish, ...]
    finish: HoldFinish


def _wish(days: int, what: str, kind: ActionKind, amount_minor: int | None) -> HoldWish:
    return HoldWish(timedelta(days=days), what, Action(kind, amount_minor, patient=True))


HOLD_STORIES = (
    HoldStory(
        "hold-stripe",
        "Visa at Stripe, two parcels",
        "stripe",
        Purchase("H-stripe", 10_000),
        AuthorizationTerms(renew_after_days=6),
        (
            _wish(8, "captures the first parcel", ActionKind.CAPTURE, 4_000),
            _wish(12, "captures the rest", ActionKind.CAPTURE, None),
            _wish(13, "refunds a part", ActionKind.REFUND, 2_500),
        ),
        HoldFinish(1, 1, (4_000, 6_000), (2_500,), "captured"),
    ),
    HoldStory(
        "hold-paygate",
        "Mastercard at Paygate, two parcels",
        "computop",
        Purchase("H-paygate", 8_000, scheme=Scheme.MASTERCARD),
        AuthorizationTerms(renew_after_days=6),
        (
            _wish(8, "captures the first parcel", ActionKind.CAPTURE, 3_000),
            _wish(12, "captures the rest", ActionKind.CAPTURE, None),
        ),
        HoldFinish(1, 1, (3_000, 5_000), (), "captured"),
    ),
)


class HoldPlay:
    """The demo authorizations as events of a scenario. What an earlier start has played is not played again."""

    def __init__(
        self,
        stages: Mapping[str, HoldStage],
        known: SqlAuthorizations,
        diary: Diary,
        stories: Sequence[HoldStory] = HOLD_STORIES,
    ) -> None:
        self._stages = stages
        self._known = known
        self._diary = diary
        self._stories = stories
        self._begins: dict[str, datetime] = {}
        self.holds: dict[str, CustomersHold] = {}

    def resume(self, now: datetime) -> None:
        """Find the authorizations of an earlier start."""
        for story in self._stories:
            stage = self._stages[story.provider]
            for started in self._known.of_case(stage.tenant, story.purchase.case)[-1:]:
                self.holds[story.name] = stage.known(from_json(AuthorizationStart, started.start))
                self._diary.note_import(story, now)  # changes nothing unless we were stopped just before noting it

    def names(self) -> dict[str, str]:
        """What people call each authorization, by workflow id."""
        return {one.workflow_id: one.start.case_reference for one in self.holds.values()}

    def scenario(self, now: datetime) -> list[At]:
        """Everything that is left, from shortly after `now` on."""
        events = []
        for story in self._stories:
            begins = self._diary.imported(story) if story.name in self.holds else None
            if begins is None:
                begins = now + FIRST_SALE
                events.append(At(begins, f"the customer pays: {story.title}", partial(self._sell, story, begins)))
            self._begins[story.name] = begins
            done = self._diary.acted(story) if story.name in self.holds else frozenset()
            events += [
                At(begins + one.after, f"{one.what}: {story.title}", partial(self._ask, story, number))
                for number, one in enumerate(story.wishes)
                if number not in done
            ]
        return events

    def ends(self, now: datetime) -> datetime:
        """When the last of them has been watched long enough; `now` without any."""
        return max((one + WATCHED for one in self._begins.values()), default=now)

    async def _sell(self, story: HoldStory, at: datetime) -> None:
        stage = self._stages[story.provider]
        self.holds[story.name] = await stage.sell(story.purchase, story.terms, at)
        await asyncio.to_thread(self._diary.note_import, story, at)

    async def _ask(self, story: HoldStory, number: int) -> None:
        await self.holds[story.name].ask(f"{story.name}-{number}", story.wishes[number].action)
        await asyncio.to_thread(self._diary.note_act, story, number)


@dataclass(frozen=True)
class HoldVerdict:
    """How one demo authorization ended, beside how it had to end."""

    story: HoldStory
    finish: HoldFinish

    @property
    def good(self) -> bool:
        return self.finish == self.story.finish

    @property
    def wrong(self) -> str:
        """What differs from the rules, in words; '' when nothing does."""
        names = [one.name for one in fields(HoldFinish)]
        pairs = [(name, getattr(self.finish, name), getattr(self.story.finish, name)) for name in names]
        return "; ".join(f"{name}: {found}, expected {wanted}" for name, found, wanted in pairs if found != wanted)


def judge_holds(play: HoldPlay, stories: Sequence[HoldStory]) -> list[HoldVerdict]:
    """Compare every authorization's movements of money and its chain of holds with what the rules ask for."""
    return [HoldVerdict(one, _finish_of(play.holds[one.name])) for one in stories if one.name in play.holds]


def _finish_of(hold: CustomersHold) -> HoldFinish:
    state, effects = hold.state(), hold.stage.effects()
    chain = [one.extended_by for one in state.holds] if state is not None else []
    return HoldFinish(
        renewed=chain.count(ExtensionKind.RENEWAL),
        split=chain.count(ExtensionKind.SPLIT),
        captured=tuple(int(one["amount_minor"]) for one in effects if one["kind"] in CAPTURED),
        given_back=tuple(int(one["amount_minor"]) for one in effects if one["kind"] in GIVEN_BACK),
        status=status_of(state).value if state is not None else "",
    )
