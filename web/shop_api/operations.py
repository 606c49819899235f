"""What became of an operation: money and ERP operations of orders and authorizations, and messages to both."""

from contextlib import suppress
from dataclasses import dataclass
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
from web.shop_api.authorization_views import action_view
from web.why import operation_words, reason_words
from workflows.ids import parse_authorization_workflow_id, parse_order_workflow_id

router = APIRouter(tags=["Operations"])


@dataclass(frozen=True)
class Owner:
    """What an operation belongs to: an `order` or an `authorization`, and its address."""

    tenant: str
    kind: str
    path: str


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
    when it had been acted on and how things stood then. What an authorization was asked for ends as an effect does.
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
        owner = owner_of(candidate)
        if owner is None or not caller.may_see(owner.tenant) or caller.tenant not in (None, owner.tenant):
            continue
        found = _find(services, candidate, owner)
        if found is not None:
            return found
    raise ApiError(
        404,
        "unknown_operation",
        "There is no such operation.",
        "Use the operation id as it was answered, percent-encoded: `/` as it is, `%` as `%25`.",
    )


def effect_view(row: OperationRow, owner: Owner) -> OperationView:
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
        links=_links(row.id, owner),
    )


def message_view(row: MessageRow, owner: Owner) -> OperationView:
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
        links=_links(row.operation_id, owner),
    )


def operation_path(operation_id: str) -> str:
    """The operation's address."""
    return "/operations/" + operation_id.replace("%", "%25")


def owner_of(operation_id: str) -> Owner | None:
    """Whose operation it is, by its id or by a workflow's id; None when it is nobody's."""
    workflow_id = "/".join(operation_id.split("/")[:4])
    with suppress(ValueError):
        order = parse_order_workflow_id(workflow_id)
        return Owner(order.tenant, "order", joined("orders", order.connection, order.order_no))
    with suppress(ValueError):
        hold = parse_authorization_workflow_id(workflow_id)
        return Owner(hold.tenant, "authorization", joined("authorizations", hold.account, hold.reference))
    return None


def _find(services: Services, operation_id: str, owner: Owner) -> OperationView | None:
    message = services.messages.get(operation_id)
    if message is not None:
        view = message_view(message, owner)
        return _with_end(services, message, view) if owner.kind == "authorization" else view
    effect = services.orders.operation(operation_id)
    return effect_view(effect, owner) if effect is not None else None


def _with_end(services: Services, message: MessageRow, view: OperationView) -> OperationView:
    """What an authorization did about a message, once it has ended."""
    state = services.authorization_list.state(message.workflow_id)
    record = state.action(message.request_id) if state is not None else None
    if state is None or record is None or record.waits:
        return view
    action = action_view(record)
    ended = {
        "state": action.state,
        "amount_minor": action.amount_minor,
        "currency": state.currency,
        "reason": action.reason,
        "reason_text": action.reason_text.en if action.reason_text else "",
        "finished_at": action.ended_at,
        "next_due": action.retry_at,
    }
    return view.model_copy(update=ended)


def _links(operation_id: str, owner: Owner) -> dict[str, Any]:
    return {"self": operation_path(operation_id), owner.kind: owner.path}
