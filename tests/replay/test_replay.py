"""Saved histories against the workflows as they are now: what runs must be able to go on after an update."""

from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from domain.authorization.facts import ActionKind
from tests.replay import broken
from tests.replay.histories import Saved, commands, files, saved
from worker import workflow_runner
from workflows import messages
from workflows.authorization import AuthorizationWorkflow
from workflows.erp_poll import ErpPollWorkflow
from workflows.failure_report import FailureReportWorkflow
from workflows.order import OrderWorkflow
from workflows.terms_change import TermsChangeWorkflow

SAVED = saved()
ORDERS = [one for one in SAVED if one.kind == messages.ORDER]
POLLERS = [one for one in SAVED if one.kind == messages.ERP_POLL]
AUTHORIZATIONS = [one for one in SAVED if one.kind == messages.AUTHORIZATION]
REPORTS = [one for one in SAVED if one.kind == messages.FAILURE_REPORT]
TERMS = [one for one in SAVED if one.kind == messages.TERMS_CHANGE]
MOST_BYTES = 1_600_000
ADVICE = """\
{title} does not replay any more: {failure}

Every {kind} that is open when this change is rolled out and has come past this point would stand still, its task
failing again and again. Keep what running workflows did and put the new way behind a patch:

    if workflow.patched("what-changed"):
        ...  # the new way, for runs that have not come here yet
    else:
        ...  # as it was

The else branch may go when no run from before the change is open any more. Only if no release ever took this way,
record anew: python -m tests.replay.record"""


def replayer(*workflows: type[Any]) -> Replayer:
    """With the converter and the sandbox of the real worker."""
    return Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=workflow_runner())


async def failure_of(one: Saved, *workflows: type[Any]) -> Exception | None:
    result = await replayer(*workflows).replay_workflow(one.history, raise_on_replay_failure=False)
    return result.replay_failure


def test_there_are_histories_of_every_kind() -> None:
    """All workflow types have saved histories, ended and handed-over runs among them."""
    ends = {kind for one in SAVED for kind, _ in one.attributes()}
    assert {"WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "TIMER_FIRED"} <= ends
    assert {"WORKFLOW_EXECUTION_UPDATE_COMPLETED", "WORKFLOW_EXECUTION_CANCEL_REQUESTED"} <= ends
    assert len(ORDERS) > 15
    assert len(POLLERS) > 2
    for one in (AUTHORIZATIONS, REPORTS):
        kinds = {kind for history in one for kind, _ in history.attributes()}
        assert {"WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "TIMER_FIRED"} <= kinds
        assert "WORKFLOW_EXECUTION_CANCEL_REQUESTED" in kinds


def test_there_are_histories_of_every_operation() -> None:
    """Money that goes back is among them in every way, and so is the report of a shipment."""
    known = {one for history in ORDERS for one in commands(history)}
    wanted = ("read_payment", "capture", "void", "refund", "report_shipment", "change_erp_order", "send_mail")
    assert {f"activity {name}" for name in wanted} <= known


def test_there_are_authorizations_of_every_kind() -> None:
    """Everything that is done to a hold, every wish of a merchant, and a run that was reset."""
    known = {one for history in AUTHORIZATIONS for one in commands(history)}
    wanted = ("read_hold", "authorize_hold", "capture_hold", "void_hold", "refund_hold", "send_hold_mail")
    assert {f"activity {name}" for name in wanted} <= known
    texts = "".join(one.text() for one in AUTHORIZATIONS)
    assert [one.value for one in ActionKind if f'\\"kind\\":\\"{one.value}\\"' not in texts] == []
    assert any(was_reset(one) for one in AUTHORIZATIONS)


def test_there_are_reports_of_every_operation() -> None:
    """A file is delivered, and a mail tells of one that was not."""
    known = {one for history in REPORTS for one in commands(history)}
    assert {"activity deliver_failure_file", "activity send_report_mail"} <= known


def test_there_are_changes_of_terms_with_every_activity() -> None:
    """Confirmed by mail and told, ended and handed over."""
    known = {one for history in TERMS for one in commands(history)}
    assert {"activity send_terms_mail", "activity tell_terms"} <= known
    kinds = {kind for history in TERMS for kind, _ in history.attributes()}
    assert {"WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "TIMER_FIRED"} <= kinds


def was_reset(one: Saved) -> bool:
    return any(found.get("cause") == "WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW" for _, found in one.attributes())


def test_only_an_order_of_the_older_version_changes_over() -> None:
    """It pays one marker for it; a new order's start names its rules, so it pays none."""
    found = {one.name: commands(one).count("marker core_patch") for one in ORDERS}
    assert {name: count for name, count in found.items() if count} == {"changed-over": 1}


@pytest.mark.parametrize("one", SAVED, ids=lambda one: one.title)
async def test_a_saved_history_replays(one: Saved) -> None:
    """The workflow as it is now takes the very same steps as the one that was recorded."""
    authorization = broken.WasReset if was_reset(one) else AuthorizationWorkflow
    others = (ErpPollWorkflow, FailureReportWorkflow, TermsChangeWorkflow)
    failure = await failure_of(one, OrderWorkflow, authorization, *others)
    if failure is not None:
        pytest.fail(ADVICE.format(title=one.title, kind=one.kind, failure=failure))


@pytest.mark.parametrize("changed", broken.ORDERS, ids=lambda one: one.__name__)
async def test_a_broken_change_of_the_order_is_caught(changed: type[Any]) -> None:
    """A skipped activity, an added timer and a forgotten record each make a happy order's history fail."""
    (card,) = [one for one in ORDERS if one.name == "card"]
    assert "Nondeterminism" in str(await failure_of(card, changed))


@pytest.mark.parametrize(
    "one", [one for one in POLLERS if "activity poll_erp" in commands(one)], ids=lambda one: one.name
)
async def test_a_broken_change_of_the_poller_is_caught(one: Saved) -> None:
    """A second poll where there was one makes the history of every poller that polled fail."""
    assert "Nondeterminism" in str(await failure_of(one, broken.PollsTwice))


@pytest.mark.parametrize("changed", broken.AUTHORIZATIONS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", ["half-a-year-1", "split-in-realtime", "hope-run"])
async def test_a_broken_change_of_the_authorization_is_caught(changed: type[Any], name: str) -> None:
    """A forgotten record and an added rest each make the history of an authorization fail."""
    (life,) = [one for one in AUTHORIZATIONS if one.name == name]
    assert "Nondeterminism" in str(await failure_of(life, changed))


@pytest.mark.parametrize("one", REPORTS, ids=lambda one: one.name)
async def test_a_broken_change_of_the_report_is_caught(one: Saved) -> None:
    """A second look where there was one makes the history of every report fail."""
    assert "Nondeterminism" in str(await failure_of(one, broken.LooksTwice))


@pytest.mark.parametrize("one", TERMS, ids=lambda one: one.name)
async def test_a_broken_change_of_the_telling_is_caught(one: Saved) -> None:
    """A second look where there was one makes the history of every change of terms fail."""
    assert "Nondeterminism" in str(await failure_of(one, broken.LooksTwiceAtTerms))


@pytest.mark.parametrize("one", AUTHORIZATIONS, ids=lambda one: one.name)
async def test_the_same_change_of_the_authorization_behind_a_patch_replays(one: Saved) -> None:
    """Open authorizations keep to what they did."""
    if not was_reset(one):
        assert await failure_of(one, broken.RestsBehindAPatch) is None


@pytest.mark.parametrize("one", ORDERS, ids=lambda one: one.name)
async def test_the_same_change_behind_a_patch_replays(one: Saved) -> None:
    """What breaks without `workflow.patched` leaves open orders alone with it."""
    assert await failure_of(one, broken.AddsATimerBehindAPatch) is None


def test_the_histories_stay_small() -> None:
    """All saved histories together take less than 1.6 megabytes."""
    assert sum(path.stat().st_size for path in files()) < MOST_BYTES
