"""The authorization's workflow: waits and orchestrates; it decides nothing.

It owns the holds of one card authorization and everything that is done to them, one thing at a time. Handlers only
learn and wake the loop; the loop decides, carries out the one step that is due, learns its outcome and decides again.
"""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from datetime import datetime, timedelta

    from activities.jobs import HoldAnswer, HoldFacts, HoldJob, HoldQuestion
    from domain import reasons
    from domain.authorization.capturing import can_be_withdrawn, judge
    from domain.authorization.decide import ReadHold, Step, decide
    from domain.authorization.explain import HoldExplanation, explain
    from domain.authorization.extension import begun_extension
    from domain.authorization.facts import (
        ActionAsked,
        ActionSettled,
        AuthorizationFact,
        HoldHinted,
        HoldOperationEnded,
        HoldRead,
        LookedAgain,
        ProblemsSolved,
        Registered,
        TermsChanged,
    )
    from domain.authorization.operations import HoldOperation
    from domain.authorization.records import AuthorizationBatch, AuthorizationRef, RecordedAuthorizationFact
    from domain.authorization.schemes import Scheme
    from domain.authorization.state import AuthorizationState, evolve, scheme_reference
    from domain.authorization.summary import summarize
    from domain.facts import PaymentUnreadable
    from domain.operations import Kind
    from domain.outcomes import OperationResult, Outcome
    from domain.wording import why_text
    from workflows import messages, search
    from workflows.alarm import Alarm
    from workflows.messages import Answer, AuthorizationStart, Care, HoldHint, HoldMessage, HoldReply, NewTerms, PickUp
    from workflows.options import BULK, HOPE_RUN, INTERACTIVE, ONCE, OWN_SQL, READS, fairness, time_outs

HOLDS_PER_RUN = 10
LINGER = timedelta(minutes=1)  # one that was started for a message's sake must not have ended when the message comes
_ACTIVITIES = {
    Kind.AUTHORIZE: "authorize_hold",
    Kind.CAPTURE: "capture_hold",
    Kind.VOID: "void_hold",
    Kind.REFUND: "refund_hold",
    Kind.MAIL: "send_hold_mail",
}


@workflow.defn(name=messages.AUTHORIZATION)
class AuthorizationWorkflow:
    """One authorization, from its first hold until nothing is held and nothing is left to do."""

    @workflow.init
    def __init__(self, start: AuthorizationStart) -> None:
        self._start = start
        self._state = start.resume or AuthorizationState(workflow.info().workflow_id)
        self._unrecorded: list[RecordedAuthorizationFact] = []
        self._woken = False
        self._rounds = 0
        # a reset run knows what stood in its history up to there, and nothing of what was done since
        self._forgot = workflow.info().run_id != workflow.info().original_execution_run_id
        self._ending = False
        self._carries_out = ""  # the request whose operation is under way
        self._next_due: datetime | None = None
        self._alarm = Alarm()
        self._heard_at = workflow.now()
        self._shown = search.shown(workflow.info().typed_search_attributes)

    @workflow.run
    async def run(self, start: AuthorizationStart) -> None:
        living = asyncio.create_task(self._live())
        while not living.done():
            try:
                await asyncio.shield(living)
            except asyncio.CancelledError:  # it ends only when nothing is held: somebody must stop or void it
                workflow.logger.warning("authorization.cancel_ignored")
        living.result()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _live(self) -> None:
        if self._state.registered is None:
            self._learn(self._registered())
        elif self._start.terms.version > self._state.terms.version:  # they were changed while it did not run
            self._learn(TermsChanged(workflow.now(), self._start.terms))
        while True:
            self._woken = False
            self._rounds += 1
            if self._forgot and workflow.patched(f"recall-at-{self._rounds}"):
                await self._recall()
            decision = decide(self._state, self._start.pacing, workflow.now())
            if decision.step is not None:
                await self._carry_out(decision.step)
                continue
            ends_at = self._heard_at + LINGER
            self._next_due = ends_at if decision.finished else decision.next_due
            await self._record()
            self._show()
            if self._woken:
                continue
            if decision.finished and workflow.now() >= ends_at:
                self._ending = True
                return
            if self._is_long():
                self._continue_as_new()
            await self._alarm.wait(self._next_due, lambda: self._woken)

    def _registered(self) -> Registered:
        start = self._start
        return Registered(
            at=workflow.now(),
            hold_id=start.reference,
            terms=start.terms,
            case_reference=start.case_reference,
            payout_reference=start.payout_reference,
            amount_minor=start.amount_minor,
            currency=start.currency,
        )

    # -- what it hears. Signals may come by hand and without their argument: a handler that fails would stop it for
    # good, for the failing message stays in its history.

    @workflow.signal
    def hold_hinted(self, hint: HoldHint | None = None) -> None:
        """Something happened at the provider."""
        self._learn(HoldHinted(workflow.now()))

    @workflow.signal
    def terms_changed(self, told: NewTerms | None = None) -> None:
        """The merchant agreed on other terms (rule R8)."""
        if told is not None and told.terms.version >= self._state.terms.version:
            self._learn(TermsChanged(workflow.now(), told.terms))

    @workflow.signal
    def pick_up(self, reason: PickUp | None = None) -> None:
        """Make sure that it lives and looks at its facts."""
        self._heard_at, self._woken = workflow.now(), True

    @workflow.update
    def act(self, message: HoldMessage) -> HoldReply:
        """Somebody wants something; answered at once, carried out in turn."""
        operation_id = f"{self._state.workflow_id}/message/{quote(message.request_id, safe='')}"
        if message.request_id in self._state.messages:
            return HoldReply(Answer.ALREADY, operation_id)
        self._heard_at = now = workflow.now()
        if message.care is Care.LOOK_AGAIN:
            self._learn(LookedAgain(now, message.request_id, message.actor))
        elif message.care is Care.MARK_SOLVED:
            self._learn(ProblemsSolved(now, message.request_id, message.actor))
        if message.withdraws:
            return self._withdraw(message.withdraws, operation_id)
        if message.action is None:
            return HoldReply(Answer.ACCEPTED, operation_id)
        verdict = judge(self._state, message.action, now)
        refused = bool(verdict.reason) and not self._is_busy()
        waits = message.action.patient and verdict.retry_at is not None
        if refused and not waits and not self._state.terms.strict:
            return HoldReply(Answer.REFUSED, operation_id, verdict.retry_at, verdict.reason)
        self._learn(ActionAsked(message.request_id, message.action, now, message.origin, message.actor))
        if refused and not waits:
            return HoldReply(Answer.REFUSED, operation_id, verdict.retry_at, verdict.reason)
        return HoldReply(Answer.ACCEPTED, operation_id, verdict.retry_at if waits else None)

    def _withdraw(self, request_id: str, operation_id: str) -> HoldReply:
        """What waits for its turn or its instant ends; what is under way goes on."""
        if not can_be_withdrawn(self._state, request_id) or request_id == self._carries_out:
            return HoldReply(Answer.REFUSED, operation_id, reason=reasons.TOO_LATE)
        self._learn(ActionSettled(workflow.now(), request_id, reasons.WITHDRAWN))
        return HoldReply(Answer.ACCEPTED, operation_id)

    def _is_busy(self) -> bool:
        """Whether what holds now may be otherwise by the time it is the action's turn."""
        state = self._state
        return not state.holds or bool(state.in_doubt() or state.waiting()) or begun_extension(state) is not None

    @act.validator
    def _can_be_asked(self, message: HoldMessage) -> None:
        if not message.request_id:
            raise ValueError("a message needs a request id")
        if sum((message.action is not None, message.care is not None, bool(message.withdraws))) != 1:
            raise ValueError("a message asks for one thing: an action, care, or that something be forgotten")
        if self._ending:
            raise ValueError("the authorization is ending: send the message again")

    @workflow.query
    def next_due(self) -> datetime | None:
        """When it looks next (UTC); None while it waits for messages only."""
        return self._next_due

    @workflow.query
    def explain(self) -> HoldExplanation:
        """Where it stands, what it waits for, what may be done now."""
        return explain(self._state, self._start.pacing, workflow.now())

    @workflow.query
    def state(self) -> AuthorizationState:
        """Everything it knows."""
        return self._state

    def _learn(self, fact: AuthorizationFact) -> None:
        after = evolve(self._state, fact)
        if after is not self._state:
            self._state = after
            self._unrecorded.append(RecordedAuthorizationFact(after.seq, fact))
            self._woken = True

    # -- what it does

    async def _carry_out(self, step: Step) -> None:
        if isinstance(step, ReadHold):
            await self._read(step)
        elif isinstance(step, HoldOperation):
            self._carries_out, began = step.request_id, workflow.now()
            result = await self._perform(step)
            self._carries_out = ""
            self._learn(HoldOperationEnded(step, began, result))
        else:
            self._learn(step)

    async def _read(self, step: ReadHold) -> None:
        start, limits, asked_seq = self._start, time_outs(self._start.profile), self._state.seq
        question = HoldQuestion(self._ref(), self._facts(), step.hold_id, step.amount_minor)
        try:
            answer = await workflow.execute_activity(
                "read_hold",
                question,
                result_type=HoldAnswer,
                task_queue=messages.provider_queue(start.provider),
                start_to_close_timeout=limits.provider,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(start.tenant, BULK if step.amount_minor else None),
                retry_policy=READS,
                summary=f"read {step.hold_id}"[:200],
            )
        except ActivityError:
            answer = HoldAnswer(reason=reasons.NO_ANSWER)
        if answer.snapshot is not None:
            self._learn(HoldRead(answer.snapshot, asked_seq))
        else:
            self._learn(PaymentUnreadable(workflow.now(), answer.reason, answer.retry_at))

    async def _perform(self, operation: HoldOperation) -> OperationResult:
        start, limits = self._start, time_outs(self._start.profile)
        mail = operation.kind is Kind.MAIL
        hold = self._state.hold(operation.hold)
        before = 0
        if hold is not None:
            before = hold.refunded_minor if operation.kind is Kind.REFUND else hold.captured_minor
        job = HoldJob(
            authorization=self._ref(),
            operation=operation,
            facts=self._facts(),
            before_minor=before,
            scheme_reference=scheme_reference(self._state) if operation.kind is Kind.AUTHORIZE else "",
            language=self._state.terms.language,
        )
        try:
            result: OperationResult = await workflow.execute_activity(
                _ACTIVITIES[operation.kind],
                job,
                result_type=OperationResult,
                task_queue=messages.MAIL_QUEUE if mail else messages.provider_queue(start.provider),
                start_to_close_timeout=limits.mail if mail else limits.money,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(start.tenant, _urgency(operation)),
                retry_policy=ONCE,
                summary=f"{operation.kind.value} {operation.subject} #{operation.attempt}"[:200],
            )
        except ActivityError:
            return OperationResult(Outcome.UNKNOWN, reasons.WORKER_LOST)
        return result

    def _ref(self) -> AuthorizationRef:
        start = self._start
        return AuthorizationRef(self._state.workflow_id, start.tenant, start.provider, start.account, start.reference)

    def _facts(self) -> HoldFacts:
        start, state = self._start, self._state
        return HoldFacts(
            first_hold_id=start.reference,
            currency=state.currency or start.currency,
            case_reference=start.case_reference,
            payout_reference=start.payout_reference,
            card=state.card,
            scheme=state.last.scheme if state.last is not None else Scheme.OTHER,
            held_at=start.held_at,
        )

    async def _record(self) -> None:
        if not self._unrecorded:
            return
        facts, self._unrecorded = tuple(self._unrecorded), []
        newer = await workflow.execute_local_activity(
            "record_authorization",
            AuthorizationBatch(self._ref(), facts, self._state, self._next_due, workflow.now()),
            result_type=AuthorizationState | None,  # type: ignore[arg-type]
            start_to_close_timeout=time_outs(self._start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="record",
        )
        if newer is not None:
            self._adopt(newer, [one.fact for one in (*facts, *self._unrecorded)])

    async def _recall(self) -> None:
        """Before a run that was reset decides on anything new, it takes over what the journal knows."""
        self._forgot = False
        known = await workflow.execute_local_activity(
            "recall_authorization",
            self._state.workflow_id,
            result_type=AuthorizationState | None,  # type: ignore[arg-type]
            start_to_close_timeout=time_outs(self._start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="recall",
        )
        if known is not None:
            self._adopt(known, [one.fact for one in self._unrecorded])

    def _adopt(self, newer: AuthorizationState, facts: list[AuthorizationFact]) -> None:
        """The journal knows more than this run, which has lost its past: take that, then hear our facts anew."""
        workflow.logger.warning("authorization.adopted_newer_state", extra={"seq": newer.seq})
        self._state, self._unrecorded, self._woken = newer, [], True
        for fact in facts:
            self._learn(fact)

    def _show(self) -> None:
        """What operators see in the Temporal UI; search attributes change only with state or problem."""
        summary = summarize(self._state)
        told = explain(self._state, self._start.pacing, workflow.now())
        workflow.set_current_details(why_text(told.waits_for.code, told.waits_for.params, self._state.terms.language))
        shown = (summary.status.value, summary.problem)
        if shown == self._shown:
            return
        self._shown = shown
        updates: list[SearchAttributeUpdate[Any]] = [
            search.STATE.value_set(summary.status.value),
            search.PROBLEM.value_set(summary.problem) if summary.problem else search.PROBLEM.value_unset(),
            search.NEEDS_HUMAN.value_set(summary.needs_human),
            search.NEXT_DUE.value_set(self._next_due) if self._next_due else search.NEXT_DUE.value_unset(),
        ]
        workflow.upsert_search_attributes(updates)

    def _is_long(self) -> bool:
        """Whether a fresh run should go on: replaying a long one costs more than it is worth."""
        grown = len(self._state.holds) - self._start.begun >= HOLDS_PER_RUN
        return (grown or workflow.info().is_continue_as_new_suggested()) and workflow.all_handlers_finished()

    def _continue_as_new(self) -> None:
        workflow.continue_as_new(replace(self._start, resume=self._state, begun=max(1, len(self._state.holds))))


def _urgency(operation: HoldOperation) -> int:
    if operation.request_id:
        return INTERACTIVE
    return HOPE_RUN if operation.kind is Kind.AUTHORIZE and operation.attempt > 1 else BULK
