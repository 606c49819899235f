"""The journal of one order: every fact it learned and every operation it carried out."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter

from domain.facts import Fact
from storage.rows import FactRow
from web.edge.paths import joined
from web.services import ServicesDep
from web.shop_api.access import Reader
from web.shop_api.operations import OperationView, effect_view, message_view
from web.shop_api.orders import Connection, OrderNo, find_order
from workflows.ids import parse_order_workflow_id

router = APIRouter(tags=["Orders"])

_facts: TypeAdapter[Any] = TypeAdapter(Fact)


class JournalFact(BaseModel):
    """What the order learned. `at` is the order's time, `recorded_at` when it was written down.

    `fact` is null where lost facts were replaced by a picture of the state.
    """

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    fact: dict[str, Any] | None


class Journal(BaseModel):
    """Facts in order, page by page; all operations and all messages. `next` is null on the last page of facts."""

    facts: list[JournalFact]
    operations: list[OperationView]
    messages: list[OperationView]
    next: str | None


@router.get("/orders/{connection:part}/{order_no:part}/journal", summary="Read the journal of one order")
def read_journal(
    services: ServicesDep,
    caller: Reader,
    connection: Connection,
    order_no: OrderNo,
    after: Annotated[int, Query(ge=0, lt=2**31, description="Number of the last fact already seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Facts per page.")] = 500,
) -> Journal:
    """Kept for years, also after the order's workflow ended."""
    order = find_order(services, caller.one_tenant(), connection, order_no)
    identity = parse_order_workflow_id(order.workflow_id)
    rows = services.orders.facts(order.workflow_id, after=after, limit=limit + 1)
    more = len(rows) > limit
    tenant = {} if caller.token.tenant is not None else {"tenant": order.tenant}
    following = urlencode(tenant | {"after": rows[limit - 1].seq, "limit": limit}) if more else ""
    return Journal(
        facts=[_fact(row) for row in rows[:limit]],
        operations=[effect_view(one, identity) for one in services.orders.operations(order.workflow_id)],
        messages=[message_view(one, identity) for one in services.messages.of_order(order.workflow_id)],
        next=f"{joined('orders', connection, order_no)}/journal?{following}" if following else None,
    )


def _fact(row: FactRow) -> JournalFact:
    content = _facts.dump_python(row.fact, mode="json") if row.fact is not None else None
    return JournalFact(seq=row.seq, kind=row.kind, at=row.at, recorded_at=row.recorded_at, fact=content)
