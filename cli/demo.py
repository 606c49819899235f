"""Plays the demo orders in simulated time, and judges how each ended by its complete list of outside effects."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from cli.demo_stories import STORIES, Act, End, Story
from cli.stage import NotNow, Stage
from cli.wiring import Stores
from domain.windows import erp_opens
from simulation.steps import At
from storage.orders import Orders

FIRST_IMPORT = timedelta(minutes=2)
BETWEEN_IMPORTS = timedelta(minutes=1)
LAST_DAY = timedelta(days=16)


@dataclass(frozen=True)
class Cast:
    """A demo order as it was imported: its numbers and its payment."""

    story: Story
    order_no: str
    payment_id: str


def import_story(stage: Stage, story: Story, xml_tag: str) -> Cast:
    """The customer pays, the shop hands the order to the ERP."""
    payment_id = stage.seed_payment(**story.payment, order_id=story.name) if story.payment else ""
    order: dict[str, Any] = {
        "order_nr_external": f"W-{story.name}",
        "shop_id": stage.role.shop,
        "payment_code": story.code,
        "kk_id": payment_id,
        "xml_tag": xml_tag,
        "lines": [
            {"sku": f"ART-{number}", "name": f"Artikel {number}", "qty": 1, "price": price}
            for number, price in enumerate(story.prices, 1)
        ],
        "ship_cost_minor": 0,
        "customer": {"external_nr": story.name, "first_name": "Erika", "last_name": "Jäger"},
    }
    if story.by_hand:
        taken = [int(one["order_nr"]) for one in stage.call("GET", f"{stage.pixi}/orders")]
        order["order_nr"] = max(taken, default=100_000) + 1
        order["order_nr_external"] = f"P{order['order_nr']}"
    return Cast(story, str(stage.import_order(**order)["order_nr"]), payment_id)


def act(stage: Stage, cast: Cast, what: Act) -> None:
    """One thing that the warehouse, the customer or the provider does; what they cannot do shows in the verdict."""
    with contextlib.suppress(NotNow):
        _act(stage, cast, what)


def _act(stage: Stage, cast: Cast, what: Act) -> None:
    match what.what:
        case "ship":
            stage.at_order(cast.order_no, "ship", **{"lines": None, **what.body})
        case "cancel":
            stage.at_order(cast.order_no, "cancel-lines", **{"lines": None, **what.body})
        case "return":
            stage.at_order(cast.order_no, "return", **what.body)
        case "fault":
            stage.arm(stage.unzer, **what.body, match={"payment_id": cast.payment_id})
        case hook:
            stage.at_payment(cast.payment_id, hook, **what.body)


class Named(Protocol):
    """A story as the diary knows it."""

    @property
    def name(self) -> str: ...


class Diary:
    """What has been played of each story, in a file, so that another start goes on where this one was stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages: dict[str, dict[str, Any]] = {}
        if path.exists():
            self._pages = json.loads(path.read_text(encoding="utf-8"))

    def imported(self, story: Named) -> datetime | None:
        """When it began (UTC); None when it never did."""
        page = self._pages.get(story.name)
        return datetime.fromisoformat(page["imported"]) if page else None

    def acted(self, story: Named) -> frozenset[int]:
        """Which of its acts have happened."""
        page = self._pages.get(story.name)
        return frozenset(page["acted"]) if page else frozenset()

    def note_import(self, story: Named, instant: datetime) -> None:
        """It has begun."""
        self._pages.setdefault(story.name, {"imported": instant.isoformat(), "acted": []})
        self._write()

    def note_act(self, story: Named, number: int) -> None:
        """One of its acts has happened."""
        self._pages[story.name]["acted"].append(number)
        self._write()

    def _write(self) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._pages, indent=1), encoding="utf-8")
        draft.replace(self._path)


class Play:
    """The demo orders as events of a scenario. What an earlier start has played is not played again."""

    def __init__(self, stage: Stage, diary: Diary, stories: Sequence[Story] = STORIES) -> None:
        self._stage = stage
        self._diary = diary
        self._stories = stories
        self._imports: dict[str, datetime] = {}
        self.casts: list[Cast] = []

    def resume(self, now: datetime) -> None:
        """Find the orders of an earlier start."""
        known = {str(one["order_nr_external"]): one for one in self._stage.call("GET", f"{self._stage.pixi}/orders")}
        for story in self._stories:
            found = known.get(f"W-{story.name}") or (self._by_hand(known) if story.by_hand else None)
            if found is not None:
                number = str(found["order_nr"])
                self.casts.append(Cast(story, number, str(self._stage.order(number)["kk_id"] or "")))
                self._diary.note_import(story, now)  # changes nothing unless we were stopped just before noting it

    @staticmethod
    def _by_hand(known: dict[str, Any]) -> Any:
        return next((one for number, one in known.items() if number == f"P{one['order_nr']}"), None)

    def scenario(self, now: datetime) -> list[At]:
        """Everything that is left, from shortly after `now` on; orders come in one by one while the ERP is open."""
        tags = {one.code: one.xml_tag for one in self._stage.role.codes}
        here = {one.story.name for one in self.casts}
        coming = erp_opens(now + FIRST_IMPORT)
        events = []
        for story in self._stories:
            imported = self._diary.imported(story) if story.name in here else None
            if imported is None:
                imported, coming = coming, coming + BETWEEN_IMPORTS
                play = partial(self._import, story, tags[story.code], imported)
                events.append(At(imported, f"import: {story.title}", play))
            self._imports[story.name] = imported
            acted = self._diary.acted(story) if story.name in here else frozenset()
            events += [
                At(imported + one.after, f"{one.what}: {story.title}", partial(self._act, story, number))
                for number, one in enumerate(story.acts)
                if number not in acted
            ]
        return events

    def ends(self, now: datetime) -> datetime:
        """When the last order of the scenario has been watched long enough; `now` without any."""
        return max((one + LAST_DAY for one in self._imports.values()), default=now)

    async def _import(self, story: Story, xml_tag: str, instant: datetime) -> None:
        def play() -> None:
            self.casts.append(import_story(self._stage, story, xml_tag))
            self._diary.note_import(story, instant)

        await asyncio.to_thread(play)

    async def _act(self, story: Story, number: int) -> None:
        cast = next(one for one in self.casts if one.story is story)

        def play() -> None:
            act(self._stage, cast, story.acts[number])
            self._diary.note_act(story, number)

        await asyncio.to_thread(play)


@dataclass(frozen=True)
class Verdict:
    """How one demo order ended, beside how it had to end."""

    cast: Cast
    end: End

    @property
    def good(self) -> bool:
        return self.end == self.cast.story.end

    @property
    def wrong(self) -> str:
        """What differs from the rules, in words; '' when nothing does."""
        names = ("captured", "given_back", "booked", "locked", "released", "mails", "status")
        pairs = [(name, getattr(self.end, name), getattr(self.cast.story.end, name)) for name in names]
        return "; ".join(f"{name}: {found}, expected {wanted}" for name, found, wanted in pairs if found != wanted)


def judge(stage: Stage, stores: Stores, casts: Sequence[Cast]) -> list[Verdict]:
    """Compare every order's effects at the provider, in the ERP and by mail with what the rules ask for."""
    payments, erp, mails = stage.effects(stage.unzer), stage.effects(stage.pixi), stage.mails()
    return [Verdict(cast, _end_of(cast, stage, stores, payments, erp, mails)) for cast in casts]


def _end_of(
    cast: Cast,
    stage: Stage,
    stores: Stores,
    payments: Sequence[dict[str, Any]],
    erp: Sequence[dict[str, Any]],
    mails: Sequence[dict[str, Any]],
) -> End:
    mine = [one for one in erp if str(one.get("order_nr")) == cast.order_no]
    taken = [one for one in payments if cast.payment_id and one.get("payment_id") == cast.payment_id]
    known = Orders(stores.db).get_order(stage.role.tenant, stage.role.connection, cast.order_no)
    return End(
        captured=tuple(int(one["amount_minor"]) for one in taken if one["kind"] == "capture"),
        given_back=tuple(int(one["amount_minor"]) for one in taken if one["kind"] in ("refund", "reversal")),
        booked=tuple(int(one["amount_minor"]) for one in mine if one["kind"] in ("capture_reported", "booking")),
        locked=bool(stage.order(cast.order_no)["locked"]),
        released=any(one["kind"] == "release" for one in mine),
        mails=tuple(sorted(_error_number(one) for one in mails if _concerns(one, cast.order_no))),
        status=known.status if known else "",
    )


def _concerns(mail: dict[str, Any], order_no: str) -> bool:
    words = str(mail["subject"]).replace("(", " ").replace(")", " ").split()
    return order_no in words


def _error_number(mail: dict[str, Any]) -> int:
    words = str(mail["subject"]).replace("]", " ").split()
    return next((int(word) for word in words if word.isdigit() and len(word) == 4), 0)
