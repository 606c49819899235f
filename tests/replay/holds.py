"""The authorizations whose histories are kept: what each agreed on, and what happens to it.

They live with a provider in memory; server, worker, activities, recorder and SQL are the real ones.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.terms import Guard, HopeScope, Preset, RenewalOrder
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from tests.authorizations.real_life import RealLife, Stand
from tests.crash.operator import reset_to_middle
from tests.domain.authorization.life import YEAR, FakeProvider, at
from workflows.messages import HoldHint

OFF: dict[str, Any] = {"guard": Guard.OFF, "renew_after_days": 7}
REALTIME = {**OFF, "realtime": True}
HOPE = {**OFF, "hope_run": True}
Play = Callable[[Stand], RealLife]


def half_a_year(stand: Stand) -> RealLife:
    """25 renewals, then the maximum age, then the last hold runs out."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(1, 15, year=YEAR + 1))
    return life


def half_a_year_overlapping(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, **OFF, order=RenewalOrder.AUTHORIZE_FIRST, tell_success=True)
    life.until(at(1, 15, year=YEAR + 1))
    return life


def split_over_night(stand: Stand) -> RealLife:
    """A part, a second one that comes too early, the rest in the next night by patience, money back."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 3, "15:00"))
    life.capture(4_000)
    life.capture(1_000)
    life.capture(2_000, patient=True)
    life.until(at(6, 5))
    life.capture(None)
    life.refund(5_000)
    life.until(at(6, 6))
    return life


def split_in_realtime(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, **REALTIME)
    life.capture(4_000)
    life.until(at(6, 1, "12:04"))
    life.capture(1_000)
    life.until(at(6, 1, "12:05"))
    life.capture(2_000)
    life.until(at(6, 2, "02:00"))
    life.capture(1_000)
    life.capture(3_000, patient=True)
    life.until(at(6, 3))
    return life


def in_parts(stand: Stand) -> RealLife:
    """A hold that stays open over captures, with deadlines that the provider tells."""
    life = RealLife.begin(stand, provider=FakeProvider(in_parts=True, tells_deadlines=True), renew_after_days=13)
    life.capture(4_000)
    life.until(at(6, 12))
    life.capture(1_000, final=True)
    life.until(at(6, 20))
    return life


def hope_run(stand: Stand) -> RealLife:
    """Declined and mended in the following night; the next no is final."""
    life = RealLife.begin(stand, **HOPE)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER, None, Decline.TEMPORARY]}
    life.until(at(6, 20))
    return life


def hope_run_of_a_split(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, **HOPE, hope_scope=HopeScope.RENEWAL_AND_SPLIT)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER, Decline.BY_ISSUER]}
    life.capture(4_000)
    life.until(at(6, 5))
    return life


def stopped(act: Callable[[RealLife], object], **terms: Any) -> Play:
    """Stopped after a renewal; then the hold that is left runs out."""

    def play(stand: Stand) -> RealLife:
        life = RealLife.begin(stand, **{**OFF, **terms})
        life.until(at(6, 9))
        act(life)
        life.until(at(7, 20))
        return life

    return play


def fails(kind: Kind, act: Callable[[RealLife], object]) -> Callable[[RealLife], object]:
    def play(life: RealLife) -> object:
        life.provider.script = {kind: [Decline.OTHER]}
        return act(life)

    return play


def capture_and_reverse(life: RealLife) -> None:
    life.capture(4_000)
    life.reverse()


def too_small_a_rest(life: RealLife) -> None:
    life.capture(9_950)


def refund_declined(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, **OFF)
    life.capture(4_000)
    life.until(at(6, 3))
    life.provider.script = {Kind.REFUND: [Decline.OTHER]}
    life.refund(1_000)
    life.until(at(6, 5))
    life.void()
    return life


def meddled_with(stand: Stand) -> RealLife:
    """Somebody else gave up the hold."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 3))
    life.provider.holds["hold1"].standing = HoldStanding.VOIDED
    life.hint()
    life.until(at(6, 4))
    return life


def void_declined(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, **OFF)
    life.provider.script = {Kind.VOID: [Decline.OTHER]}
    life.until(at(7, 10))
    return life


def two_holds(stand: Stand) -> RealLife:
    """The new hold is there and the old one cannot be given up."""
    life = RealLife.begin(stand, **OFF, order=RenewalOrder.AUTHORIZE_FIRST)
    life.provider.script = {Kind.VOID: [Decline.OTHER]}
    life.until(at(6, 20))
    life.reverse()
    return life


def answers_lost(stand: Stand) -> RealLife:
    """A capture that took effect unheard, a renewal that is paused and then lost, a hold that cannot be read."""
    life = RealLife.begin(stand, **OFF)
    life.provider.script = {
        Kind.CAPTURE: ["lost"],
        Kind.AUTHORIZE: [
            OperationResult(Outcome.NOT_SENT, "paused", retry_at=at(6, 3, "09:00")),
            "lost",
        ],
    }
    life.until(at(6, 2))
    life.capture(4_000)
    life.until(at(6, 4))
    life.provider.unreadable = 2
    life.hint()
    life.until(at(6, 12))
    life.void()
    return life


def given_up(stand: Stand) -> RealLife:
    """A second capture waits and is not wanted any more; then the rest is not either, before it is held anew."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 9))
    life.capture(4_000)
    waits = life.capture(2_000, patient=True)
    life.withdraw(waits.request_id)
    life.give_up()
    life.until(at(6, 11))
    return life


def terms_changed(stand: Stand) -> RealLife:
    """Another interval, another order, and operators who look and mark as solved."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 9))
    life.change_terms(renew_after_days=10, order=RenewalOrder.AUTHORIZE_FIRST)
    life.until(at(6, 20))
    life.change_terms(renew_after_days=6, guard=Guard.WARN)
    life.look_again()
    life.until(at(6, 28))
    life.void()
    return life


def workflow_cancelled(stand: Stand) -> RealLife:
    """Somebody presses *cancel* in the Temporal UI."""
    life = RealLife.begin(stand, **OFF)
    stand.run(stand.plain.get_workflow_handle(life.known.workflow_id).cancel())
    life.settle()
    life.until(at(6, 9))
    life.void()
    return life


def adopted(stand: Stand) -> RealLife:
    """Somebody terminates the workflow; a hint starts it without its past."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 9))
    stand.run(stand.plain.get_workflow_handle(life.known.workflow_id).terminate("an operator did"))
    blind = replace(life.known, resume=None)
    stand.offsets.set_offset(life.known.start.tenant, life.now - datetime.now(UTC))
    stand.run(stand.sender.hint(blind, HoldHint("blind")))
    life.settle()
    life.until(at(6, 16))
    life.void()
    return life


def reset(stand: Stand) -> RealLife:
    """Somebody resets the workflow to the middle: it asks the journal before it decides anything."""
    life = RealLife.begin(stand, **OFF)
    life.until(at(6, 9))
    handle = stand.plain.get_workflow_handle(life.known.workflow_id)
    stand.run(reset_to_middle(stand.plain, handle))
    life.settle()
    life.until(at(6, 16))
    life.void()
    return life


def handed_over_pending(stand: Stand) -> RealLife:
    life = RealLife.begin(stand, standing=HoldStanding.PENDING, **OFF)
    life.until(at(6, 1, "12:20"))
    life.provider.holds["hold1"].standing = HoldStanding.HELD
    life.hint()
    life.until(at(6, 9))
    life.void()
    return life


def declined_at_first(stand: Stand) -> RealLife:
    return RealLife.begin(stand, standing=HoldStanding.DECLINED, **OFF)


LIVES: dict[str, Play] = {
    "half-a-year": half_a_year,
    "half-a-year-overlapping": half_a_year_overlapping,
    "split-over-night": split_over_night,
    "split-in-realtime": split_in_realtime,
    "in-parts": in_parts,
    "hope-run": hope_run,
    "hope-run-of-a-split": hope_run_of_a_split,
    "stopped-by-wish": stopped(lambda life: life.stop()),
    "stopped-by-reversal": stopped(lambda life: life.reverse()),
    "stopped-by-void": stopped(lambda life: life.void()),
    "stopped-by-undoing": stopped(capture_and_reverse),
    "stopped-by-final-capture": stopped(lambda life: life.capture(4_000, final=True)),
    "stopped-by-zero-capture": stopped(lambda life: life.capture(0)),
    "stopped-by-failed-capture": stopped(fails(Kind.CAPTURE, lambda life: life.capture(4_000)), report_stops=True),
    "stopped-by-failed-reversal": stopped(fails(Kind.VOID, lambda life: life.reverse())),
    "stopped-by-refusal": stopped(lambda life: life.capture(99_999), preset=Preset.STRICT),
    "stopped-without-split": stopped(lambda life: life.capture(4_000), split=False),
    "stopped-by-age": stopped(lambda life: life.stop(), max_age_days=8),
    "stopped-by-smallness": stopped(too_small_a_rest),
    "refund-declined": refund_declined,
    "meddled-with": meddled_with,
    "void-declined": void_declined,
    "two-holds": two_holds,
    "answers-lost": answers_lost,
    "given-up": given_up,
    "stopped-by-giving-up": stopped(lambda life: life.give_up()),
    "terms-changed": terms_changed,
    "workflow-cancelled": workflow_cancelled,
    "adopted": adopted,
    "reset": reset,
    "handed-over-pending": handed_over_pending,
    "declined-at-first": declined_at_first,
}
"""By name; every way in which renewal can end is among them."""

Saver = Callable[[Client, str, str], Any]


def record(folder: Path, missing: set[str], save: Saver) -> None:
    """Play the missing lives and save each; `save` takes a client, the name and the id of the workflow."""
    stand = Stand(folder)
    try:
        for name in [one for one in LIVES if one in missing]:
            life = LIVES[name](stand)
            life.until(life.now + timedelta(minutes=2))  # one that is over lingers a minute
            stand.run(save(stand.plain, name, life.known.workflow_id))
    finally:
        stand.close()
