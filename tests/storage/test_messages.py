"""Messages of people and shops: each request id once, and what became of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import Database
from storage.messages import Messages, message_operation_id
from tests.storage.builders import T0, WORKFLOW, after


@pytest.fixture
def messages(db: Database) -> Messages:
    return Messages(db)


def _receive(messages: Messages, request_id: str, wish: str = "cancel") -> bool:
    return messages.receive(tenant="acme", workflow_id=WORKFLOW, request_id=request_id, wish=wish, actor="shop", at=T0)


def test_a_request_id_counts_once(messages: Messages) -> None:
    """The second message with the same id is known, and the first one's content stays."""
    assert _receive(messages, "r 1/ü")
    assert not _receive(messages, "r 1/ü", "look_again")
    found = messages.get(f"{WORKFLOW}/message/r%201%2F%C3%BC")
    assert found is not None
    assert (found.request_id, found.wish, found.answer, found.done_at) == ("r 1/ü", "cancel", "", None)


def test_the_same_request_id_of_two_orders_are_two_messages(messages: Messages) -> None:
    """Request ids are the sender's: they count per order."""
    assert _receive(messages, "1")
    assert messages.receive(tenant="acme", workflow_id="o/2", request_id="1", wish="cancel", actor="", at=T0)


def test_the_answer_and_the_end_are_kept(messages: Messages) -> None:
    """A sender hears what the order answered and, once it acted, where it stood; later reports change nothing."""
    _receive(messages, "1")
    messages.answered(WORKFLOW, "1", "accepted", next_due=after(hours=1))
    messages.answered(WORKFLOW, "1", "refused", "finished")
    messages.done(WORKFLOW, ["1", "unknown"], after(minutes=1), "shipping")
    messages.done(WORKFLOW, ["1"], after(minutes=9), "settled")
    found = messages.get(message_operation_id(WORKFLOW, "1"))
    assert found is not None
    assert (found.answer, found.reason, found.next_due) == ("accepted", "", after(hours=1))
    assert (found.done_at, found.status_after) == (after(minutes=1), "shipping")


def test_messages_of_an_order_are_listed(messages: Messages) -> None:
    """Everything an order was told, and nothing of others; nothing is done for an empty list."""
    for number in range(3):
        _receive(messages, str(number))
    messages.receive(tenant="acme", workflow_id="o/2", request_id="9", wish="cancel", actor="", at=T0)
    messages.done(WORKFLOW, [], T0, "shipping")
    assert [one.request_id for one in messages.of_order(WORKFLOW)] == ["0", "1", "2"]
    assert {one.done_at for one in messages.of_order(WORKFLOW)} == {None}
    assert messages.get("nothing") is None


def test_of_many_equal_messages_one_is_new(messages: Messages) -> None:
    """A shop that sends the same request eight times at once causes one message."""
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: _receive(messages, "1"), range(8))).count(True) == 1


def test_what_an_order_may_have_forgotten_is_sent_again(messages: Messages) -> None:
    """Accepted and not acted on counts as unanswered again; what was refused or done stays as it is."""
    for request_id, answer in (("1", "accepted"), ("2", "accepted"), ("3", "refused"), ("4", "already")):
        _receive(messages, request_id)
        messages.answered(WORKFLOW, request_id, answer)
    messages.done(WORKFLOW, ["2"], T0, "shipping")
    messages.receive(tenant="acme", workflow_id="o/2", request_id="1", wish="cancel", actor="", at=T0)
    messages.answered("o/2", "1", "accepted")
    assert messages.reopen(WORKFLOW) == 2
    assert [one.answer for one in messages.of_order(WORKFLOW)] == ["", "accepted", "refused", ""]
    assert [one.answer for one in messages.of_order("o/2")] == ["accepted"]
    messages.answered(WORKFLOW, "1", "already")
    assert messages.reopen("o/3") == 0
