"""Changes of the workflows as nobody may make them to running orders, and one as it is done."""

from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.authorization.decide import Step as HoldStep
    from domain.authorization.terms_change import TermsPicture
    from domain.failure_report import ReportPicture
    from domain.operations import Operation
    from domain.order import Step
    from domain.outcomes import OperationResult, Outcome
    from workflows import messages
    from workflows.authorization import AuthorizationWorkflow
    from workflows.erp_poll import ErpPollWorkflow
    from workflows.failure_report import FailureReportWorkflow
    from workflows.messages import AuthorizationStart, ErpPollStart, FailureReportStart, OrderStart, TermsChangeStart
    from workflows.order import OrderWorkflow
    from workflows.terms_change import TermsChangeWorkflow


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


@workflow.defn(name=messages.AUTHORIZATION)
class KeepsNoBooks(AuthorizationWorkflow):
    """Writes nothing into the journal."""

    @workflow.init
    def __init__(self, start: AuthorizationStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: AuthorizationStart) -> None:
        await super().run(start)

    async def _record(self) -> None:
        self._unrecorded = []


@workflow.defn(name=messages.AUTHORIZATION)
class RestsBeforeEachStep(AuthorizationWorkflow):
    """Waits a second before each step."""

    @workflow.init
    def __init__(self, start: AuthorizationStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: AuthorizationStart) -> None:
        await super().run(start)

    async def _carry_out(self, step: HoldStep) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await super()._carry_out(step)


@workflow.defn(name=messages.AUTHORIZATION)
class RestsBehindAPatch(AuthorizationWorkflow):
    """The same, as it is done."""

    @workflow.init
    def __init__(self, start: AuthorizationStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: AuthorizationStart) -> None:
        await super().run(start)

    async def _carry_out(self, step: HoldStep) -> None:
        if workflow.patched("rest-before-each-step"):
            await workflow.sleep(timedelta(seconds=1))
        await super()._carry_out(step)


@workflow.defn(name=messages.AUTHORIZATION)
class WasReset(AuthorizationWorkflow):
    """No change: the replayer gives a run that was reset the id of the run before, so it must be told."""

    @workflow.init
    def __init__(self, start: AuthorizationStart) -> None:
        super().__init__(start)
        self._forgot = True

    @workflow.run
    async def run(self, start: AuthorizationStart) -> None:
        await super().run(start)


@workflow.defn(name=messages.FAILURE_REPORT)
class LooksTwice(FailureReportWorkflow):
    """Looks twice where once was enough."""

    @workflow.init
    def __init__(self, start: FailureReportStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FailureReportStart) -> None:
        await super().run(start)

    async def _look(self) -> ReportPicture:
        await super()._look()
        return await super()._look()


@workflow.defn(name=messages.TERMS_CHANGE)
class LooksTwiceAtTerms(TermsChangeWorkflow):
    """Looks twice where once was enough."""

    @workflow.init
    def __init__(self, start: TermsChangeStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: TermsChangeStart) -> None:
        await super().run(start)

    async def _look(self) -> TermsPicture:
        await super()._look()
        return await super()._look()


ORDERS: tuple[type[Any], ...] = (SkipsAnActivity, AddsATimer, ForgetsToRecord)
AUTHORIZATIONS: tuple[type[Any], ...] = (KeepsNoBooks, RestsBeforeEachStep)
