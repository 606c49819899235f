"""The order's workflow: a loop around `domain.order`. It waits and orchestrates; it decides nothing.

Handlers only learn and wake the loop; the loop decides, carries out the one step that is due, learns its outcome and
decides again. Because one loop does everything, nothing interleaves. An order ends only by being settled: cancelling
its workflow is noted and changes nothing, and an order whose workflow was terminated is started again by the poller.
"""

import asyncio
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from urllib.parse import quote

    from activities.jobs import Job, OrderRef, PaymentAnswer, PaymentQuestion
    from domain import reasons
    from domain.explain import Explanation, explain
    from domain.facts import (
        CancelRequested,
        ErpReported,
        Fact,
        OperationEnded,
        PaymentHinted,
        PaymentRead,
        PaymentUnreadable,
        RulesAdopted,
        Told,
    )
    from domain.operations import ERP, Kind, Operation
    from domain.order import ReadPayment, Step, decide, refusal
    from domain.order_state import RULES, OrderState, evolve
    from domain.outcomes import OperationResult, Outcome
    from domain.records import RecordBatch, RecordedFact
    from domain.summary import summarize
    from domain.wording import why_text
    from workflows import messages, search
    from workflows.alarm import Alarm
    from workflows.messages import Answer, ErpPicture, Message, OrderStart, PaymentHint, PickUp, Reply
    from workflows.options import ONCE, OWN_SQL, READS, fairness, time_outs


@workflow.defn(name=messages.ORDER)
class OrderWorkflow:
    """One order, from its import into the ERP until it is balanced and left alone long enough."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        self._start = start
        self._state = start.resume or OrderState(workflow.info().workflow_id)
        self._unrecorded: list[RecordedFact] = []
        self._woken = False
        self._rounds = 0
        # a reset run knows what stood in its history up to there, and nothing of what was done since
        self._forgot = workflow.info().run_id != workflow.info().original_execution_run_id
        self._ending = False
        self._next_due: datetime | None = None
        self._alarm = Alarm()
        self._shown = search.shown(workflow.info().typed_search_attributes)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        living = asyncio.create_task(self._live())
        while not living.done():
            try:
                await asyncio.shield(living)
            except asyncio.CancelledError:
                self._learn(CancelRequested(workflow.now()))
        living.result()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _live(self) -> None:
        while True:
            self._woken = False
            self._rounds += 1
            if self._forgot and workflow.patched(f"recall-at-{self._rounds}"):
                await self._recall()
            self._adopt_rules()
            decision = decide(self._state, self._start.config, self._start.pacing, workflow.now())
            if decision.step is not None:
                await self._carry_out(decision.step)
                continue
            self._next_due = decision.next_due
            await self._record()
            self._show()
            if self._woken:
                continue
            if decision.finished:
                self._ending = True
                return
            if workflow.info().is_continue_as_new_suggested():
                self._continue_as_new()
            await self._alarm.wait(decision.next_due, lambda: self._woken)

    def _adopt_rules(self) -> None:
        """New runs live by the rules that their start names. A run of an older start changes over as soon as it is not
        replaying any more. It asks anew in each round of the loop: an answer is remembered under its name, and a round
        may come without any news."""
        if self._state.seq == 0:
            return  # nothing was heard yet
        if self._state.rules < self._start.rules:
            self._learn(RulesAdopted(workflow.now(), self._start.rules))
        for later in range(RULES, self._state.rules, -1):  # a round that is replayed knows the rules of its time only
            if workflow.patched(f"rules-{later}-at-{self._rounds}"):
                self._learn(RulesAdopted(workflow.now(), later))
                break

    # -- what the order hears. Signals may come by hand and without their argument: a handler that fails would stop the
    # order for good, for the failing message stays in its history.

    @workflow.signal
    def erp_reported(self, picture: ErpPicture | None = None) -> None:
        """The poller saw a changed order."""
        if picture is not None:  # a signal sent by hand may lack it
            self._learn(ErpReported(picture.snapshot))

    @workflow.signal
    def payment_hinted(self, hint: PaymentHint | None = None) -> None:
        """Something happened at the provider."""
        self._learn(PaymentHinted(workflow.now()))

    @workflow.signal
    def pick_up(self, reason: PickUp | None = None) -> None:
        """Make sure that the order lives and looks at its facts."""
        self._woken = True

    @workflow.update
    def tell(self, message: Message) -> Reply:
        """A person or a shop tells the order something; answered at once."""
        operation_id = f"{self._state.workflow_id}/message/{quote(message.request_id, safe='')}"
        if message.request_id in self._state.messages:
            return Reply(Answer.ALREADY, operation_id, self._next_due)
        reason = refusal(self._state, message.wish)
        if reason:
            return Reply(Answer.REFUSED, operation_id, self._next_due, reason)
        self._learn(Told(message.request_id, message.wish, workflow.now(), message.actor))
        return Reply(Answer.ACCEPTED, operation_id, workflow.now())

    @tell.validator
    def _can_be_told(self, message: Message) -> None:
        if not message.request_id:
            raise ValueError("a message needs a request id")
        if self._ending:
            raise ValueError("the order is ending: send the message again")

    @workflow.query
    def next_due(self) -> datetime | None:
        """When the order looks next (UTC); None while it waits for messages only."""
        return self._next_due

    @workflow.query
    def explain(self) -> Explanation:
        """Why the order is not released, not captured, and what it waits for."""
        return explain(self._state, self._start.config, self._start.pacing, workflow.now())

    @workflow.query
    def state(self) -> OrderState:
        """Everything the order knows."""
        return self._state

    def _learn(self, fact: Fact) -> None:
        after = evolve(self._state, fact)
        if after is not self._state:
            self._state = after
            self._unrecorded.append(RecordedFact(after.seq, fact))
            self._woken = True

    # -- what the order does

    async def _carry_out(self, step: Step) -> None:
        if isinstance(step, ReadPayment):
            await self._read_payment(step)
        elif isinstance(step, Operation):
            self._learn(OperationEnded(step, workflow.now(), await self._perform(step)))
        else:
            self._learn(step)

    async def _read_payment(self, step: ReadPayment) -> None:
        config, limits, asked_seq = self._start.config, time_outs(self._start.profile), self._state.seq
        question = PaymentQuestion(self._order(), config.provider, config.provider_account, step.payment_id)
        try:
            answer = await workflow.execute_activity(
                "read_payment",
                question,
                result_type=PaymentAnswer,
                task_queue=messages.provider_queue(config.provider),
                start_to_close_timeout=limits.provider,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(self._start.tenant),
                retry_policy=READS,
                summary=f"read payment {step.payment_id}",
            )
        except ActivityError:
            answer = PaymentAnswer(reason=reasons.NO_ANSWER)
        if answer.snapshot is not None:
            self._learn(PaymentRead(answer.snapshot, asked_seq))
        else:
            self._learn(PaymentUnreadable(workflow.now(), answer.reason, answer.retry_at))

    async def _perform(self, operation: Operation) -> OperationResult:
        config, limits = self._start.config, time_outs(self._start.profile)
        order = self._order()
        if operation.kind in ERP:
            name, queue, timeout = "change_erp_order", messages.ERP_QUEUE, limits.erp
            provider, account = "erp", self._start.connection
        elif operation.kind is Kind.MAIL:
            name, queue, timeout = "send_mail", messages.MAIL_QUEUE, limits.mail
            provider, account = "mail", order.tenant
        else:
            name, queue, timeout = operation.kind.value, messages.provider_queue(config.provider), limits.money
            provider, account = config.provider, config.provider_account
        job = Job(
            order,
            operation,
            provider,
            account,
            config.configuration,
            config.language,
            *((config.provider, config.provider_account) if operation.kind is Kind.WRITE_BANK_DATA else ()),
        )
        try:
            result: OperationResult = await workflow.execute_activity(
                name,
                job,
                result_type=OperationResult,
                task_queue=queue,
                start_to_close_timeout=timeout,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(self._start.tenant),
                retry_policy=ONCE,
                summary=f"{operation.kind.value} {operation.subject} #{operation.attempt}"[:200],
            )
        except ActivityError:
            return OperationResult(Outcome.UNKNOWN, reasons.WORKER_LOST)
        return result

    def _order(self) -> OrderRef:
        start = self._start
        return OrderRef(self._state.workflow_id, start.tenant, start.connection, start.order_no)

    async def _record(self) -> None:
        if not self._unrecorded:
            return
        facts, self._unrecorded = tuple(self._unrecorded), []
        start = self._start
        newer = await workflow.execute_local_activity(
            "record",
            RecordBatch(
                workflow_id=self._state.workflow_id,
                tenant=start.tenant,
                connection=start.connection,
                order_no=start.order_no,
                config=start.config,
                facts=facts,
                state=self._state,
                next_due=self._next_due,
                at=workflow.now(),
            ),
            result_type=OrderState | None,  # type: ignore[arg-type]
            start_to_close_timeout=time_outs(start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="record",
        )
        if newer is not None:
            self._adopt(newer, [one.fact for one in (*facts, *self._unrecorded)])

    async def _recall(self) -> None:
        """Before a run that was reset decides on anything new, it takes over what the journal knows: what went back
        since would look like somebody else's doing otherwise. The rounds that it replays were decided by the run before
        the reset, so they ask nothing."""
        self._forgot = False
        known = await workflow.execute_local_activity(
            "recall",
            self._state.workflow_id,
            result_type=OrderState | None,  # type: ignore[arg-type]
            start_to_close_timeout=time_outs(self._start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="recall",
        )
        if known is not None:
            self._adopt(known, [one.fact for one in self._unrecorded])

    def _adopt(self, newer: OrderState, facts: list[Fact]) -> None:
        """The journal knows more than this run, which has lost its past: take that, then hear our facts anew."""
        workflow.logger.warning("order.adopted_newer_state", extra={"seq": newer.seq})
        self._state, self._unrecorded, self._woken = newer, [], True
        for fact in facts:
            self._learn(fact)

    def _show(self) -> None:
        """What operators see in the Temporal UI; search attributes change only with state or problem."""
        summary = summarize(self._state)
        told = explain(self._state, self._start.config, self._start.pacing, workflow.now())
        workflow.set_current_details(why_text(told.waits_for.code, told.waits_for.params, self._start.config.language))
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
        if summary.family:
            updates.append(search.FAMILY.value_set(summary.family))
        workflow.upsert_search_attributes(updates)

    def _continue_as_new(self) -> None:
        start = self._start
        workflow.continue_as_new(
            OrderStart(
                tenant=start.tenant,
                connection=start.connection,
                order_no=start.order_no,
                config=start.config,
                pacing=start.pacing,
                resume=self._state,
                profile=start.profile,
                rules=RULES,
            )
        )
