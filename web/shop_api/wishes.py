"""By which a shop or a person tells an order that something happened: one address per wish."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from domain.facts import Wish
from web.edge.bodies import described, parsed_body
from web.edge.errors import ApiError, ErrorBody
from web.services import ServicesDep
from web.shop_api.access import Writer
from web.shop_api.orders import Connection, OrderNo
from web.shop_api.telling import Accepted, tell
from workflows.ids import OrderId

LONGEST_REQUEST_ID = 200
_VISIBLE = r"^[^\x00-\x1f\x7f]+$"


class Told(BaseModel):
    """What comes with a wish. `request_id` may also be given as header `Idempotency-Key`."""

    model_config = ConfigDict(extra="forbid")

    request_id: Annotated[str, Field(min_length=1, max_length=LONGEST_REQUEST_ID, pattern=_VISIBLE)] | None = None
    actor: Annotated[str, Field(max_length=100)] = ""


T = TypeVar("T", bound=Told)

_BODY = described(Told, required=False)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The body is no JSON."},
    404: {"model": ErrorBody, "description": "There is no such order."},
    409: {"model": ErrorBody, "description": "The order refused, or the request id was used for another wish."},
    415: {"model": ErrorBody, "description": "The body is not declared as JSON."},
    503: {"model": ErrorBody, "description": "Temporal is away; the message is stored and will be delivered."},
}

router = APIRouter(tags=["Messages to an order"], responses=_ANSWERS)

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=LONGEST_REQUEST_ID, pattern=_VISIBLE, description="The request id."),
]


async def told(request: Request, _caller: Writer, idempotency_key: IdempotencyKey = None) -> Told:
    """The body, looked at once the caller is known."""
    return await told_in(request, Told, idempotency_key)


async def told_in(request: Request, model: type[T], idempotency_key: str | None) -> T:
    """A body with its request id. An empty one is fine when the header has the request id."""
    body = await request.body()
    found = parsed_body(request.headers.get("content-type", ""), body, model) if body else model()
    if found.request_id and idempotency_key and found.request_id != idempotency_key:
        raise ApiError(
            422,
            "request_id_twice",
            "The body and the header Idempotency-Key name different request ids.",
            "Give the request id once.",
        )
    request_id = found.request_id or idempotency_key
    if not request_id:
        raise ApiError(
            422,
            "request_id_missing",
            "Without a request id a repetition could not be told from a second wish.",
            "Give an id of your own for this wish, in the body as `request_id` or in the header `Idempotency-Key`; "
            "use it again only to repeat the same request.",
        )
    return found.model_copy(update={"request_id": request_id})


def _wish(path: str, wish: Wish, summary: str, description: str) -> None:
    """Add the address of one wish."""

    @router.post(
        f"/orders/{{connection:part}}/{{order_no:part}}/{path}",
        name=wish.value,
        summary=summary,
        description=description,
        status_code=202,
        openapi_extra=_BODY,
    )
    async def told_wish(
        services: ServicesDep,
        caller: Writer,
        connection: Connection,
        order_no: OrderNo,
        given: Annotated[Told, Depends(told)],
    ) -> Accepted:
        order = OrderId(caller.one_tenant(), connection, order_no)
        return await tell(services, caller, order, wish, request_id=given.request_id or "", actor=given.actor)


_wish(
    "payment-received",
    Wish.PAYMENT_RECEIVED,
    "A payment arrived",
    "The order reads the payment at the provider again; the message itself proves nothing.",
)
_wish(
    "look-again",
    Wish.LOOK_AGAIN,
    "Look at everything again",
    "The payment is read anew, and what was definitely refused is tried once more.",
)
_wish(
    "cancel-wish",
    Wish.CANCEL,
    "The customer wants to cancel",
    "The order is not released any more and somebody is told; no money moves. Refused once something shipped.",
)
_wish("mark-solved", Wish.MARK_SOLVED, "Its problems are solved", "Clears the marks and does nothing else.")
