"""Plays the demo orders in simulated time, shows what happens, and judges how each ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.demo_stage import CONNECTION, TENANT, Cast, Stage
from cli.demo_stories import STORIES, End
from cli.wiring import Stores
from domain.money import in_major_units

CURRENCY = "EUR"


@dataclass(frozen=True)
class Verdict:
    """How one demo order ended, beside how it had to end."""

    cast: Cast
    end: End
    expected: End

    @property
    def good(self) -> bool:
        return self.end == self.expected

    @property
    def wrong(self) -> str:
        """What differs from the rules, in words; '' when nothing does."""
        pairs = [
            (name, getattr(self.end, name), getattr(self.expected, name))
            for name in ("captured", "booked", "locked", "released", "mails", "status")
        ]
        return "; ".join(f"{name}: {found}, expected {wanted}" for name, found, wanted in pairs if found != wanted)


def judge(stage: Stage, stores: Stores, casts: Sequence[Cast]) -> list[Verdict]:
    """Compare every order's complete list of effects at the provider and in the ERP with what the rules ask for."""
    payments = stage.effects(stage.unzer)
    erp = stage.effects(stage.pixi)
    mails = stage.mails()
    return [Verdict(cast, _end_of(cast, stage, stores, payments, erp, mails), cast.story.end) for cast in casts]


def _end_of(
    cast: Cast,
    stage: Stage,
    stores: Stores,
    payments: list[dict[str, Any]],
    erp: list[dict[str, Any]],
    mails: list[dict[str, Any]],
) -> End:
    from storage.orders import Orders

    order = stage.order(cast)
    mine = [one for one in erp if str(one.get("order_nr")) == cast.order_no]
    known = Orders(stores.db).get_order(TENANT, CONNECTION, cast.order_no)
    return End(
        captured=tuple(
            int(one["amount_minor"])
            for one in payments
            if one.get("payment_id") == cast.payment_id and one["kind"] == "capture" and cast.payment_id
        ),
        booked=tuple(int(one["amount_minor"]) for one in mine if one["kind"] in ("capture_reported", "booking")),
        locked=bool(order["locked"]),
        released=any(one["kind"] == "release" for one in mine),
        mails=tuple(
            sorted(_error_number(one) for one in mails if f" {cast.order_no}" in str(one["subject"]))
        ),
        status=known.status if known else "",
    )


def _error_number(mail: dict[str, Any]) -> int:
    words = str(mail["subject"]).replace("]", " ").split()
    return next((int(word) for word in words if word.isdigit() and len(word) == 4), 0)


def sums(amounts: Sequence[int]) -> str:
    """`49.90 + 50.00`, or a dash."""
    return " + ".join(in_major_units(one, CURRENCY) for one in amounts) or "-"


Tell = Callable[[datetime, str], None]

__all__ = ["STORIES", "Tell", "Verdict", "judge", "sums"]
