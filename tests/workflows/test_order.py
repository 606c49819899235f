"""The order's workflow on a real server: what it hears, what it does about it, and how it waits."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from activities.jobs import PaymentAnswer
from domain import reasons
from domain.facts import Standing, Wish
from domain.operations import Kind
from domain.order_state import OrderState
from domain.outcomes import OperationResult, Outcome
from tests.workflows.world import (
    ORDER_NO,
    PACING,
    World,
    Worlds,
    at_rest,
    broken,
    details,
    due_of,
    events,
    reaches,
    status,
    summaries,
    until,
)
from workflows import messages
from workflows.messages import Answer, ErpPicture, Message, PaymentHint, PickUp, Reply

DAY = timedelta(days=1)
RELEASE = "release order #1"
CAPTURE, BOOK = "capture R1 #1", "book R1 #1"


async def released(world: World) -> None:
    """Bring the order so far that it may ship."""
    world.pays()
    await world.report(world.picture())
    await reaches(world.handle(), "released")


async def awaiting_transfer(world: World) -> None:
    """Bring a prepaid order so far that it waits for the money."""
    world.pays("prepayment", remaining_minor=0)
    await world.report(world.picture())
    await reaches(world.handle(), "waiting_transfer")


# -- the way through


async def test_an_order_is_checked_released_captured_and_booked(world: World) -> None:
    """A held card order makes exactly these calls until it is settled, each once."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    assert world.done == ["read s-pay-1", RELEASE, CAPTURE, BOOK]


async def test_a_settled_order_ends_after_sixty_days(world: World) -> None:
    """Left alone for the time that its configuration sets, a settled order completes."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    await world.forward(world.handle(), world.config.keep_after_settled + timedelta(minutes=1))
    assert (await world.handle().describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_an_order_is_ready_for_another_day_until_it_ends(world: World) -> None:
    """A day before the end a settled order still runs."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    await world.forward(world.handle(), world.config.keep_after_settled - DAY)
    assert (await world.handle().describe()).status is WorkflowExecutionStatus.RUNNING


# -- signals


async def test_the_same_picture_twice_changes_nothing(world: World) -> None:
    """A picture that was told already is neither recorded nor acted upon."""
    world.pays()
    picture = world.picture()
    await world.report(picture)
    await reaches(world.handle(), "released")
    before, written = list(world.done), len(world.batches)
    await world.report(picture)
    await at_rest(world.handle())
    assert (world.done, len(world.batches)) == (before, written)


async def test_a_hint_has_the_payment_read_again(world: World) -> None:
    """A hint from the provider leads to one more read of the payment and to nothing else."""
    await released(world)
    await world.sender.hint(world.known(), PaymentHint("hint-1"))
    await until(lambda: world.done == ["read s-pay-1", RELEASE, "read s-pay-1"], "a second read")
    await at_rest(world.handle())
    assert len(world.done) == 3


async def test_a_pick_up_alone_does_nothing(world: World) -> None:
    """An order that is told to look at its facts, and has none, asks nobody."""
    await world.sender.pick_up(world.known(), PickUp("pick-1"))
    await at_rest(world.handle())
    assert (await status(world.handle()), world.done, world.batches) == ("received", [], [])


# -- updates


async def test_a_message_is_accepted_at_once(world: World) -> None:
    """The answer to a message carries its operation id and when the order looks next."""
    await released(world)
    reply = await world.sender.tell(world.handle().id, Message("r/1", Wish.LOOK_AGAIN, "ann"), world.known)
    assert reply.answer is Answer.ACCEPTED
    assert reply.operation_id == f"{world.handle().id}/message/r%2F1"
    assert reply.next_due is not None
    await until(lambda: world.done[-1] == "read s-pay-1", "the look that was asked for")


async def test_a_message_is_accepted_while_a_call_is_under_way(world: World) -> None:
    """An order that waits for a slow call answers all the same, and acts on the message after it."""
    gate = world.hold("release")
    world.pays()
    await world.report(world.picture())
    await world.entered["release"].wait()
    reply = await world.sender.tell(world.handle().id, Message("r1", Wish.CANCEL), world.known)
    assert reply.answer is Answer.ACCEPTED
    assert world.done == ["read s-pay-1", RELEASE]
    gate.set()
    await until(lambda: "lock cancel-wish #1" in world.done, "the lock for the cancel wish")


async def test_a_repeated_message_is_known(world: World) -> None:
    """The same request id under another update id is answered *already* and changes nothing."""
    await released(world)
    message = Message("r1", Wish.LOOK_AGAIN)
    await world.sender.tell(world.handle().id, message, world.known)
    await at_rest(world.handle())
    before = list(world.done)
    reply = await world.handle().execute_update("tell", message, id="another", result_type=Reply)
    assert reply.answer is Answer.ALREADY
    await at_rest(world.handle())
    assert world.done == before


async def test_a_message_that_comes_too_late_is_refused(world: World) -> None:
    """A wish to cancel what has shipped is refused with its reason, and nothing is locked."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    reply = await world.sender.tell(world.handle().id, Message("r1", Wish.CANCEL), world.known)
    assert (reply.answer, reply.reason) == (Answer.REFUSED, "shipped")
    assert not any(one.startswith("lock") for one in world.done)


async def test_a_message_without_an_id_leaves_no_trace(world: World) -> None:
    """The validator turns an empty request id away before it enters the history."""
    await released(world)
    with pytest.raises(WorkflowUpdateFailedError):
        await world.handle().execute_update("tell", Message("", Wish.LOOK_AGAIN), id="u1", result_type=Reply)
    history = await world.handle().fetch_history()
    assert not events(history, "workflow_execution_update_accepted")


async def test_a_message_to_an_ended_order_starts_it_again(world: World) -> None:
    """An order that completed is started with what the journal knows of it, and then answers."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    state = world.batches[-1].state
    await world.forward(world.handle(), world.config.keep_after_settled + timedelta(minutes=1))
    await until(lambda: ended(world), "the end of the order")
    reply = await world.sender.tell(
        world.handle().id, Message("r1", Wish.MARK_SOLVED), lambda: world.known(resume=state)
    )
    assert reply.answer is Answer.ACCEPTED
    assert await status(world.handle()) == "settled"
    assert world.batches[-1].state.seq > state.seq


async def ended(world: World) -> bool:
    return (await world.handle().describe()).status is WorkflowExecutionStatus.COMPLETED


# -- messages at awkward moments


async def test_messages_before_the_first_task_are_heard(world: World, worlds: Worlds) -> None:
    """Pictures, hints, updates and a cancel request that wait before the workflow ever ran are all taken."""
    world.pays()
    queue = f"late-{world.tenant}"
    handle = await world.client.start_workflow(
        messages.ORDER, world.order_start(), id=world.handle().id, task_queue=queue
    )
    await handle.signal("payment_hinted", PaymentHint("h1"))
    picture = world.picture()
    await handle.signal("erp_reported", ErpPicture("p1", picture))
    await handle.cancel()
    telling = asyncio.create_task(handle.execute_update("tell", Message("r1", Wish.CANCEL), id="r1", result_type=Reply))
    async with worlds.workflow_worker(world.plain, queue):
        assert (await telling).answer is Answer.ACCEPTED
        await until(lambda: "lock cancel-wish #1" in world.done, "the lock for the cancel wish")
        state = await handle.query("state", result_type=OrderState)
    assert state.workflow_cancelled_at is not None
    assert state.erp is not None
    assert RELEASE not in world.done


async def test_a_picture_during_a_call_is_acted_upon_after_it(world: World) -> None:
    """What is heard while a call is under way is decided upon when the call has ended."""
    gate = world.hold("release")
    world.pays()
    await world.report(world.picture())
    await world.entered["release"].wait()
    await world.report(world.shipped(10_000))
    gate.set()
    await reaches(world.handle(), "settled")
    assert world.done == ["read s-pay-1", RELEASE, CAPTURE, BOOK]


async def test_a_picture_in_the_task_that_would_end_the_order_is_not_lost(world: World, worlds: Worlds) -> None:
    """When the end is due and a new invoice is told in the same task, the order lives on and settles it."""
    queue = f"end-{world.tenant}"
    world.pays(total_minor=20_000, remaining_minor=20_000)
    handle = await world.client.start_workflow(
        messages.ORDER, world.order_start(), id=world.handle().id, task_queue=queue
    )
    async with worlds.workflow_worker(world.plain, queue):
        await handle.signal("erp_reported", ErpPicture("p1", world.picture(total_minor=20_000)))
        await reaches(handle, "released")
        await handle.signal("erp_reported", ErpPicture("p2", world.shipped(10_000, total_minor=20_000)))
        await reaches(handle, "settled")
    passing = asyncio.create_task(world.forward(handle, world.config.keep_after_settled + timedelta(minutes=1)))
    await until(lambda: timer_fired(world), "the timer of the end")
    later = replace(world.shipped(10_000, 10_000, total_minor=20_000), as_of=world.now() + 61 * DAY)
    await handle.signal("erp_reported", ErpPicture("p3", later))
    async with worlds.workflow_worker(world.plain, queue):
        await passing
        await reaches(handle, "settled")
    assert world.done[-2:] == ["capture R2 #1", "book R2 #1"]
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def timer_fired(world: World) -> bool:
    return bool(events(await world.handle().fetch_history(), "timer_fired"))


# -- cancelling the workflow


async def test_a_cancel_request_is_noted_and_ignored(world: World) -> None:
    """Cancelling the workflow of an order moves no money, ends nothing, and is shown to a person."""
    await released(world)
    before = list(world.done)
    await world.handle().cancel()
    await until(lambda: "workflow_cancelled" in open_problems(world), "the notice about it")
    assert world.done == before
    await world.report(world.shipped(10_000))
    await until(lambda: BOOK in world.done, "the booking")
    await at_rest(world.handle())
    assert (await world.handle().describe()).status is WorkflowExecutionStatus.RUNNING
    state = await world.handle().query("state", result_type=OrderState)
    assert state.workflow_cancelled_at is not None


def open_problems(world: World) -> list[str]:
    """The open problems as the journal was told them last."""
    return [one.code for one in world.batches[-1].state.open_problems()]


async def test_a_cancel_request_during_a_call_does_not_stop_it(world: World) -> None:
    """A capture that is under way when somebody cancels is waited for, and booked."""
    await released(world)
    gate = world.hold("capture")
    await world.report(world.shipped(10_000))
    await world.entered["capture"].wait()
    await world.handle().cancel()
    gate.set()
    await until(lambda: BOOK in world.done, "the booking")
    assert world.done.count(CAPTURE) == 1
    assert not events(await world.handle().fetch_history(), "activity_task_cancel_requested")


# -- failures


async def test_a_failed_activity_is_unknown_and_asked_for_again(world: World) -> None:
    """A capture whose activity fails is unknown; it is carried out again under the same attempt, and counts once."""
    world.results["capture"].append(broken())
    await released(world)
    await world.report(world.shipped(10_000))
    await until(lambda: CAPTURE in world.done, "the first try")
    await at_rest(world.handle())
    told = await world.handle().query("explain")
    assert told["waits_for"]["code"] == "wait_unknown"
    assert world.done.count(CAPTURE) == 1
    await world.forward(world.handle(), PACING.in_flight + timedelta(seconds=5))
    await reaches(world.handle(), "settled")
    assert world.done.count(CAPTURE) == 2
    assert world.done[-1] == BOOK


async def test_a_refused_capture_is_not_repeated(world: World) -> None:
    """A definite no is told to a person once, and only asked for again when a person wants that."""
    world.results["capture"].append(OperationResult(Outcome.DECLINED, reasons.REFUSED))
    await released(world)
    await world.report(world.shipped(10_000))
    await until(lambda: any(one.startswith("mail capture_failed") for one in world.done), "the mail")
    await at_rest(world.handle())
    await world.forward(world.handle(), 2 * DAY)
    assert [one for one in world.done if one.startswith("capture")] == [CAPTURE]
    await world.sender.tell(world.handle().id, Message("r1", Wish.LOOK_AGAIN), world.known)
    await until(lambda: "capture R1 #2" in world.done, "the second attempt")


async def test_a_payment_that_cannot_be_read_is_read_again_later(world: World) -> None:
    """A failing read decides nothing; the order comes back to it by itself."""
    world.pays()
    world.reads.extend([broken(), PaymentAnswer(reason=reasons.NO_ANSWER)])
    await world.report(world.picture())
    await until(lambda: len(world.done) == 1, "the first read")
    await at_rest(world.handle())
    await world.forward(world.handle(), timedelta(minutes=10))
    await reaches(world.handle(), "released")
    assert [one for one in world.done if one.startswith("re")] == ["read s-pay-1"] * 3 + [RELEASE]


# -- the timer


async def test_a_running_timer_stays_while_its_instant_does(world: World) -> None:
    """Messages that do not change when the order looks next neither cancel nor start a timer."""
    await awaiting_transfer(world)
    for number in range(3):
        await world.sender.tell(world.handle().id, Message(f"r{number}", Wish.MARK_SOLVED), world.known)
        await world.sender.pick_up(world.known(), PickUp(f"p{number}"))
    await until(lambda: len(world.batches) >= 4, "a record of each message")
    await at_rest(world.handle())
    history = await world.handle().fetch_history()
    assert (len(events(history, "timer_started")), len(events(history, "timer_canceled"))) == (1, 0)


async def test_a_timer_moves_with_its_instant(world: World) -> None:
    """A payment that was just read is read again three days later, counted anew."""
    await awaiting_transfer(world)
    first = await due_of(world.handle())
    await world.forward(world.handle(), DAY)
    await world.sender.hint(world.known(), PaymentHint("h1"))
    await until(lambda: world.done.count("read s-pay-1") == 2, "the read")
    await at_rest(world.handle())
    history = await world.handle().fetch_history()
    assert (len(events(history, "timer_started")), len(events(history, "timer_canceled"))) == (2, 1)
    second = await due_of(world.handle())
    assert first is not None
    assert second is not None
    assert timedelta(hours=23) < second - first < timedelta(hours=25)


async def test_an_order_that_waits_for_messages_only_has_no_timer(world: World) -> None:
    """A released card order waits for its shipping without any timer."""
    await released(world)
    history = await world.handle().fetch_history()
    assert not events(history, "timer_started")
    assert await due_of(world.handle()) is None


# -- a start without what the journal knows


async def test_a_newer_stored_state_is_adopted(world: World) -> None:
    """An order that is started without its past takes the journal's word and does nothing twice."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    world.stored = world.batches[-1].state
    await world.handle().terminate("an operator did")
    before = list(world.effects)
    later = world.shipped(10_000)
    await world.report(replace(later, as_of=later.as_of + DAY), resume=None)
    await reaches(world.handle(), "settled")
    state = await world.handle().query("state", result_type=OrderState)
    assert state.seq >= world.stored.seq
    assert world.effects == before


async def test_what_was_heard_before_the_adoption_is_kept(world: World) -> None:
    """A message that reached an order before it learned its past is not lost with the adoption."""
    await released(world)
    world.stored = world.batches[-1].state
    await world.handle().terminate("an operator did")
    await world.sender.pick_up(world.known(), PickUp("p1"))
    reply = await world.sender.tell(world.handle().id, Message("r1", Wish.CANCEL), world.known)
    assert reply.answer is Answer.ACCEPTED
    await until(lambda: "lock cancel-wish #1" in world.done, "the lock")
    state = await world.handle().query("state", result_type=OrderState)
    assert "r1" in state.messages
    assert state.done(*_release())


def _release() -> tuple[Kind, str]:
    return Kind.RELEASE, "order"


# -- what operators see


async def test_search_attributes_are_exactly_these(world: World) -> None:
    """Operators find an order by eight attributes, and by no others."""
    await awaiting_transfer(world)
    found = (await world.handle().describe()).typed_search_attributes
    shown = {pair.key.name: pair.value for pair in found if not pair.key.name.startswith(("Temporal", "BuildIds"))}
    assert shown.pop("NextDue") is not None
    assert shown == {
        "Tenant": world.tenant,
        "OrderNo": ORDER_NO,
        "Provider": "unzer",
        "Family": "prepayment",
        "State": "waiting_transfer",
        "Problem": "waiting_for_transfer",
        "NeedsHuman": False,
    }


async def test_search_attributes_are_written_with_state_or_problem_only(world: World) -> None:
    """Reads, hints and messages that change neither leave no event for search attributes."""
    await awaiting_transfer(world)
    written = len(events(await world.handle().fetch_history(), "upsert_workflow_search_attributes"))
    assert written == 1
    await world.sender.hint(world.known(), PaymentHint("h1"))
    await until(lambda: world.done.count("read s-pay-1") == 2, "the read")
    await at_rest(world.handle())
    assert len(events(await world.handle().fetch_history(), "upsert_workflow_search_attributes")) == written


async def test_an_order_that_is_started_again_shows_where_it_stands(world: World) -> None:
    """A start with a known state puts the attributes right, although nothing new is learned."""
    await released(world)
    state = world.batches[-1].state
    await world.handle().terminate("an operator did")
    await world.sender.pick_up(world.known(resume=state), PickUp("p1"))
    await at_rest(world.handle())
    found = (await world.handle().describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in found}["State"] == "released"


async def test_activities_and_timers_say_what_they_are_for(world: World) -> None:
    """Each activity and the timer carry a summary for the Temporal UI."""
    await awaiting_transfer(world)
    history = await world.handle().fetch_history()
    assert summaries(history, "activity_task_scheduled") == ["read payment s-pay-1", RELEASE]
    (timer,) = summaries(history, "timer_started")
    assert timer.startswith("looks again at 20")


async def test_details_say_in_one_sentence_what_the_order_waits_for(world: World) -> None:
    """The current details are a single sentence, and they change with the order."""
    await awaiting_transfer(world)
    first = await details(world.handle())
    assert "transfer" in first.lower()
    await world.report(world.shipped(10_000))
    await until(lambda: "shipped_unpaid" in open_problems(world), "the problem")
    await at_rest(world.handle())
    second = await details(world.handle())
    assert second != first
    for text in (first, second):
        assert text.endswith(".")
        assert "\n" not in text


@pytest.mark.parametrize(
    ("method", "changes", "code"),
    [
        ("card", {"standing": "pending"}, "wait_payment_decision"),
        ("card", None, "wait_payment_read"),
    ],
)
async def test_explain_tells_why_an_order_is_not_released(
    world: World, method: str, changes: dict[str, str] | None, code: str
) -> None:
    """The query names what keeps the order on hold: an undecided payment, or one that cannot be read."""
    if changes is None:
        world.reads.extend([broken()] * 3)
    else:
        world.pays(method, standing=Standing(changes["standing"]))
    await world.report(world.picture())
    await reaches(world.handle(), "waiting_payment")
    told = await world.handle().query("explain")
    assert told["not_released"]["code"] == code


async def test_explain_tells_why_a_shipped_order_is_not_captured(world: World) -> None:
    """After a refusal the query names the problem that keeps the invoice from being captured."""
    world.results["capture"].append(OperationResult(Outcome.DECLINED, reasons.EXPIRED))
    await released(world)
    await world.report(world.shipped(10_000))
    await until(lambda: any(one.startswith("mail authorization_expired") for one in world.done), "the mail")
    await at_rest(world.handle())
    told = await world.handle().query("explain")
    assert told["not_released"] is None
    assert told["not_captured"] == {"code": "blocked", "params": [["problem", "authorization_expired"]]}


async def test_explain_has_nothing_to_explain_about_a_settled_order(world: World) -> None:
    """Released, captured and booked: only the end is waited for."""
    await released(world)
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    told = await world.handle().query("explain")
    assert (told["not_released"], told["not_captured"], told["waits_for"]["code"]) == (None, None, "wait_end")
