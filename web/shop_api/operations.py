"""What became of an operation: money and ERP operations of orders, and the messages of people and shops."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Path
from pydantic import BaseModel

from domain.tenant_config import Language
from storage.messages import MessageRow
from storage.rows import OperationRow
from web.edge.errors import ApiError
from web.edge.paths import joined
from web.services import Services, ServicesDep
from web.shop_api.access import Reader
from web.why import operation_words, reason_words
from workflows.ids import OrderId, parse_order_workflow_id

router = APIRouter(tags=["Operations"])

RECEIVED = "received"  # a message that no order has answered yet
IN_PROGRESS = "in_progress"  # begun, no answer from the other side yet


class OperationEvidence(BaseModel):
    """What proves the outcome: the other side's own id, amount and time."""

    reference: str
    trace: str
    amount_minor: int | None
    currency: str
    at: datetime | None
    found_by_reading: bool


class OperationView(BaseModel):
    """An operation. `state` of an effect outside: in_progress, succeeded, pending, declined, not_sent or unknown.

    `state` of a message: received (not answered yet), accepted, already or refused; `done_at` and `status_after` tell
    when the order had acted on it and where it stood then.
    """

    operation_id: str
    kind: str
    name: str
    subject: str
    attempt: int
    state: str
    reason: str
    reason_text: str
    amount_minor: int | None
    currency: str
    created_at: datetime
    finished_at: datetime | None
    next_due: datetime | None
    executions: int
    sends: int
    evidence: OperationEvidence | None = None
    wish: str = ""
    actor: str = ""
    done_at: datetime | None = None
    status_after: str = ""
    links: dict[str, str] = {}


@router.get("/operations/{operation_id:rest}", summary="What became of an operation")
def read_operation(
    services: ServicesDep,
    caller: Reader,
    operation_id: Annotated[str, Path(description="As it was answered, percent-encoded once more.")],
) -> OperationView:
    """Both kinds have an id: effects outside (`…/capture/…`) and messages to an order (`…/message/…`)."""
    # an id is percent-encoded in itself; senders forget to encode it once more, so it is also taken as it came
    for candidate in dict.fromkeys((unquote(operation_id), operation_id)):
        order = _order_of(candidate)
        if order is None or not caller.may_see(order.tenant) or caller.tenant not in (None, order.tenant):
            continue
        found = _find(services, candidate, order)
        if found is not None:
            return found
    raise ApiError(
        404,
        "unknown_operation",
        "There is no such operation.",
        "Use the operation id as it was answered, percent-encoded: `/` as it is, `%` as `%25`.",
    )


def effect_view(row: OperationRow, order: OrderId) -> OperationView:
    """An effect outside, with its evidence."""
    result = row.result
    return OperationView(
        operation_id=row.id,
        kind=row.kind,
        name=operation_words(row.kind, Language.ENGLISH),
        subject=row.subject,
        attempt=row.attempt,
        state=result.outcome.value if result else IN_PROGRESS,
        reason=result.reason if result else "",
        reason_text=reason_words(result.reason, Language.ENGLISH) if result else "",
        amount_minor=row.amount_minor,
        currency=row.currency,
        created_at=row.created_at,
        finished_at=row.finished_at,
        next_due=result.retry_at if result else None,
        executions=row.executions,
        sends=row.sends,
        evidence=OperationEvidence(**vars(result.evidence)) if result else None,
        links=_links(row.id, order),
    )


def message_view(row: MessageRow, order: OrderId) -> OperationView:
    """A message, with the order's answer."""
    return OperationView(
        operation_id=row.operation_id,
        kind="message",
        name="Message",
        subject=row.request_id,
        attempt=1,
        state=row.answer or RECEIVED,
        reason=row.reason,
        reason_text="",
        amount_minor=None,
        currency="",
        created_at=row.received_at,
        finished_at=row.done_at,
        next_due=row.next_due,
        executions=1,
        sends=1,
        wish=row.wish,
        actor=row.actor,
        done_at=row.done_at,
        status_after=row.status_after,
        links=_links(row.operation_id, order),
    )


def operation_path(operation_id: str) -> str:
    """The operation's address."""
    return "/operations/" + operation_id.replace("%", "%25")


def _find(services: Services, operation_id: str, order: OrderId) -> OperationView | None:
    message = services.messages.get(operation_id)
    if message is not None:
        return message_view(message, order)
    effect = services.orders.operation(operation_id)
    return effect_view(effect, order) if effect is not None else None


def _order_of(operation_id: str) -> OrderId | None:
    try:
        return parse_order_workflow_id("/".join(operation_id.split("/")[:4]))
    except ValueError:
        return None


def _links(operation_id: str, order: OrderId) -> dict[str, Any]:
    return {"self": operation_path(operation_id), "order": joined("orders", order.connection, order.order_no)}
