"""Plays the demo orders in simulated time, and judges how each ended by its complete list of outside effects."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cli.demo_stories import STORIES, Act, End, Story
from cli.stage import Stage
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
    """One thing that the warehouse, the customer or the provider does."""
    match what.what:
        case "ship":
            stage.at_order(cast.order_no, "ship", **{"lines": None, **what.body})
        case "fault":
            stage.arm(stage.unzer, **what.body, match={"payment_id": cast.payment_id})
        case hook:
            stage.at_payment(cast.payment_id, hook, **what.body)


class Play:
    """The demo orders as events of a scenario. An order that is in the ERP already is not imported again."""

    def __init__(self, stage: Stage, stories: Sequence[Story] = STORIES) -> None:
        self._stage = stage
        self._stories = stories
        self.casts: list[Cast] = []

    def resume(self) -> bool:
        """Find the orders of an earlier start; whether every story has been played."""
        known = {str(one["order_nr_external"]): one for one in self._stage.call("GET", f"{self._stage.pixi}/orders")}
        for story in self._stories:
            found = known.get(f"W-{story.name}") or (self._by_hand(known) if story.by_hand else None)
            if found is not None:
                number = str(found["order_nr"])
                self.casts.append(Cast(story, number, str(self._stage.order(number)["kk_id"] or "")))
        return len(self.casts) == len(self._stories)

    @staticmethod
    def _by_hand(known: dict[str, Any]) -> Any:
        return next((one for number, one in known.items() if number == f"P{one['order_nr']}"), None)

    def scenario(self, now: datetime) -> list[At]:
        """Everything that happens, from shortly after `now` on; orders come in one by one while the ERP is open."""
        tags = {one.code: one.xml_tag for one in self._stage.role.codes}
        begin = erp_opens(now + FIRST_IMPORT)
        events = []
        for number, story in enumerate(self._stories):
            imported = begin + number * BETWEEN_IMPORTS
            events.append(At(imported, f"import: {story.title}", partial(self._import, story, tags[story.code])))
            events += [
                At(imported + one.after, f"{one.what}: {story.title}", partial(self._act, story, one))
                for one in story.acts
            ]
        return events

    async def _import(self, story: Story, xml_tag: str) -> None:
        self.casts.append(await asyncio.to_thread(import_story, self._stage, story, xml_tag))

    async def _act(self, story: Story, what: Act) -> None:
        cast = next(one for one in self.casts if one.story is story)
        await asyncio.to_thread(act, self._stage, cast, what)


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
        names = ("captured", "booked", "locked", "released", "mails", "status")
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
