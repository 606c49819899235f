"""Activities on an ERP order: release, lock, unlock, book, comment, write bank data. Each is one operation with its
comment."""

from collections.abc import Mapping

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.going import Going, connection_name, erp_permit, leave_to_act
from activities.jobs import Job
from activities.recorder import gate_name
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.operations import Cause, Kind, operation_tag
from domain.outcomes import OperationResult, Outcome
from domain.ports import (
    BankDataRequest,
    BankDetails,
    BookRequest,
    CommentRequest,
    Erp,
    ErpComment,
    LockRequest,
    PaymentProvider,
    Permits,
    ReleaseRequest,
    Slots,
    Switches,
)
from domain.wording import cause_short, comment_text


class ErpActivities:
    """`slots` lets one request at a time through per connection, over all workers.

    `providers` tell where a customer transfers to: bank data are read and written within one activity, for they must
    not travel through a workflow.
    """

    def __init__(
        self, erp: Erp, slots: Slots, switches: Switches, providers: Mapping[str, PaymentProvider] | None = None
    ) -> None:
        self._erp = erp
        self._slots = slots
        self._switches = switches
        self._providers = providers or {}

    @activity.defn(name="change_erp_order", no_thread_cancel_exception=True)
    def change_erp_order(self, job: Job) -> OperationResult:
        """Carry out one ERP operation and write its comment; never inside the quiet window (rule P5)."""
        leave = leave_to_act(active=self._switches.is_active(job.configuration))
        erp_permit(leave.now)()
        details = None
        if job.operation.kind is Kind.WRITE_BANK_DATA:
            try:
                details = self._bank_details(job, leave)
            except Transient as error:
                return OperationResult(Outcome.UNKNOWN if leave.earlier.sends else Outcome.NOT_SENT, str(error))
            if details is None:
                return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        slot = self._slots.hold(connection_name(job.order.tenant, job.account))
        try:
            permits = Permits(
                send=erp_permit(leave.now, slot.renew, leave.permit.send),
                look=erp_permit(leave.now, slot.renew, leave.permit.look),
            )
            return self._carry_out(job, leave, permits, details)
        finally:
            slot.release()

    def _bank_details(self, job: Job, leave: Going) -> BankDetails | None:
        """Where the customer transfers to. Raises `Transient`, `Misconfigured` and `NotSent` (a stopped provider)."""
        self._switches.check(gate_name(job.payment_provider, job.order.tenant, job.payment_account), leave.now())
        if job.payment_provider not in self._providers:
            raise Misconfigured(f"there is no provider {job.payment_provider}")
        provider = self._providers[job.payment_provider]
        return provider.bank_details(job.payment_account, job.operation.payment_id)

    def _carry_out(self, job: Job, leave: Going, permit: Permits, details: BankDetails | None) -> OperationResult:
        operation, order_no, earlier = job.operation, job.order.order_no, leave.earlier
        where = connection_name(job.order.tenant, job.account)
        comment = ErpComment(comment_text(operation.note, job.language, leave.now()), operation_tag(job.id))
        match operation.kind:
            case Kind.RELEASE:
                release = ReleaseRequest(order_no, operation.payment_id, operation.lock, _lock_reason(job), comment)
                return self._erp.release(where, release, earlier, permit)
            case Kind.LOCK | Kind.UNLOCK:
                lock = LockRequest(order_no, operation.kind is Kind.LOCK, _lock_reason(job), comment)
                return self._erp.set_lock(where, lock, earlier, permit)
            case Kind.WRITE_BANK_DATA if details is not None:
                bank_data = BankDataRequest(order_no, details, comment)
                return self._erp.write_bank_data(where, bank_data, earlier, permit)
            case Kind.BOOK:
                book = BookRequest(
                    order_no=order_no,
                    invoice_no=operation.invoice_no,
                    amount_minor=operation.amount_minor or 0,
                    currency=operation.currency,
                    event=operation.booking_event,
                    capture_reference=operation.capture_reference,
                    comment=comment,
                    credit=operation.cause is Cause.RETURN,
                )
                return self._erp.book(where, book, earlier, permit)
            case Kind.COMMENT:
                return self._erp.comment(where, CommentRequest(order_no, comment), earlier, permit)
            case _:
                raise ApplicationError(f"the ERP does not {operation.kind.value}", non_retryable=True)


def _lock_reason(job: Job) -> str:
    """A few words for the ERP's own lock history."""
    note = dict(job.operation.note.params)
    code = note.get("reason") or note.get("problem")
    if code:
        return cause_short(code, job.language)
    return cause_short("waiting_for_transfer" if job.operation.lock else "cancel_wished", job.language)
