"""Changes of the workflows as nobody may make them to running orders, and one as it is done."""

from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.operations import Operation
    from domain.order import Step
    from domain.outcomes import OperationResult, Outcome
    from workflows import messages
    from workflows.erp_poll import ErpPollWorkflow
    from workflows.messages import ErpPollStart, OrderStart
    from workflows.order import OrderWorkflow


@workflow.defn(name=messages.ORDER)
class SkipsAnActivity(OrderWorkflow):
    """Believes that comments and locks need no call."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    async def _perform(self, operation: Operation) -> OperationResult:
        return OperationResult(Outcome.SUCCEEDED)


@workflow.defn(name=messages.ORDER)
class AddsATimer(OrderWorkflow):
    """Rests a second before each step."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    async def _carry_out(self, step: Step) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await super()._carry_out(step)


@workflow.defn(name=messages.ORDER)
class ForgetsToRecord(OrderWorkflow):
    """Writes nothing into the journal."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    async def _record(self) -> None:
        self._unrecorded = []


@workflow.defn(name=messages.ERP_POLL)
class PollsTwice(ErpPollWorkflow):
    """Asks twice where once was enough."""

    @workflow.init
    def __init__(self, start: ErpPollStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ErpPollStart) -> None:
        await super().run(start)

    async def _poll(self) -> None:
        await super()._poll()
        await super()._poll()


@workflow.defn(name=messages.ORDER)
class AddsATimerBehindAPatch(OrderWorkflow):
    """The same as `AddsATimer`, as it is done: orders that run keep to what they did."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    async def _carry_out(self, step: Step) -> None:
        if workflow.patched("rest-before-each-step"):
            await workflow.sleep(timedelta(seconds=1))
        await super()._carry_out(step)


ORDERS: tuple[type[Any], ...] = (SkipsAnActivity, AddsATimer, ForgetsToRecord)
