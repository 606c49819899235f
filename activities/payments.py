"""Activities on a payment provider: read a payment, capture, void, refund, report a shipment."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.going import PATIENCE, Going, leave_to_act, patiently
from activities.jobs import Job, PaymentAnswer, PaymentQuestion
from activities.recorder import activity_time, gate_name
from domain import reasons
from domain.errors import Misconfigured, NotSent, Transient
from domain.operations import Cause, operation_key
from domain.outcomes import OperationResult
from domain.ports import (
    CaptureRequest,
    PaymentProvider,
    Permits,
    RefundRequest,
    ShipmentRequest,
    Switches,
    VoidRequest,
)


class PaymentActivities:
    """`providers` by their name; `switches` can stop requests per account."""

    def __init__(self, providers: Mapping[str, PaymentProvider], switches: Switches) -> None:
        self._providers = providers
        self._switches = switches

    def all(self) -> tuple[Callable[..., object], ...]:
        """Everything that a worker of a provider's queue carries out."""
        return (self.read_payment, self.capture, self.void, self.refund, self.report_shipment)

    @activity.defn(name="read_payment")
    def read_payment(self, question: PaymentQuestion) -> PaymentAnswer:
        """The payment as it stands now. Technical failures are raised as retryable until the policy ends them."""
        at = activity_time()
        try:
            self._switches.check(gate_name(question.provider, question.order.tenant, question.account), at)
            snapshot = self._provider(question.provider).read_payment(question.account, question.payment_id)
        except NotSent as stop:
            return PaymentAnswer(reason=stop.reason, retry_at=stop.retry_at)
        except Misconfigured:
            return PaymentAnswer(reason=reasons.MISCONFIGURED)
        except Transient as error:
            raise ApplicationError(str(error), type="Transient") from None
        return PaymentAnswer(snapshot)

    @activity.defn(name="capture", no_thread_cancel_exception=True)
    def capture(self, job: Job) -> OperationResult:
        """Take money once; the provider gets the key derived from the operation's id as reference."""
        leave = self._leave(job)
        operation = job.operation
        request = CaptureRequest(
            payment_id=operation.payment_id,
            amount_minor=operation.amount_minor or 0,
            currency=operation.currency,
            reference=operation_key(job.id),
            invoice_no=operation.invoice_no,
            order_reference=job.order.order_no,
        )
        return self._provider(job.provider).capture(job.account, request, leave.earlier, leave.permit)

    @activity.defn(name="void", no_thread_cancel_exception=True)
    def void(self, job: Job) -> OperationResult:
        """Give up once what is held or still owed."""
        leave = self._leave(job)
        operation = job.operation
        request = VoidRequest(
            payment_id=operation.payment_id,
            amount_minor=operation.amount_minor or 0,
            currency=operation.currency,
            reference=operation_key(job.id),
            cause=operation.cause or Cause.CANCELLATION,
            order_reference=job.order.order_no,
        )
        return self._provider(job.provider).void(job.account, request, leave.earlier, leave.permit)

    @activity.defn(name="refund", no_thread_cancel_exception=True)
    def refund(self, job: Job) -> OperationResult:
        """Give an amount back once."""
        leave = self._leave(job)
        operation = job.operation
        request = RefundRequest(
            payment_id=operation.payment_id,
            amount_minor=operation.amount_minor or 0,
            currency=operation.currency,
            reference=operation_key(job.id),
            cause=operation.cause or Cause.CANCELLATION,
            document_no=operation.invoice_no,
            order_reference=job.order.order_no,
        )
        return self._provider(job.provider).refund(job.account, request, leave.earlier, leave.permit)

    @activity.defn(name="report_shipment", no_thread_cancel_exception=True)
    def report_shipment(self, job: Job) -> OperationResult:
        """Tell the provider once that the goods are out."""
        leave = self._leave(job)
        operation = job.operation
        request = ShipmentRequest(
            payment_id=operation.payment_id,
            reference=operation_key(job.id),
            invoice_no=operation.invoice_no,
            order_reference=job.order.order_no,
        )
        return self._provider(job.provider).report_shipment(job.account, request, leave.earlier, leave.permit)

    def _leave(self, job: Job) -> Going:
        """The leave of the activity that runs, patient with a slow gate for half of its time: the other half is the
        last request's reserve."""
        leave = leave_to_act(active=self._switches.is_active(job.configuration))
        until = activity_time() + (activity.info().start_to_close_timeout or PATIENCE) / 2
        permits = Permits(
            send=patiently(leave.now, leave.permit.send, until), look=patiently(leave.now, leave.permit.look, until)
        )
        return replace(leave, permit=permits)

    def _provider(self, name: str) -> PaymentProvider:
        if name not in self._providers:
            raise Misconfigured(f"there is no provider {name}")
        return self._providers[name]
