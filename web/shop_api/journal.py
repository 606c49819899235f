"""The journal of one order or authorization: every fact it learned and every operation it carried out."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter

from domain.authorization.facts import AuthorizationFact
from domain.facts import Fact
from storage.rows import FactRow
from web.services import Services, ServicesDep
from web.shop_api.access import Caller, Reader
from web.shop_api.authorizations import Account, Reference, find_authorization
from web.shop_api.operations import OperationView, effect_view, message_view, owner_of
from web.shop_api.orders import Connection, OrderNo, find_order

router = APIRouter(tags=["Orders"])

_facts: TypeAdapter[Any] = TypeAdapter(Fact | AuthorizationFact)


After = Annotated[int, Query(ge=0, lt=2**31, description="Number of the last fact already seen.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Facts per page.")]


class JournalFact(BaseModel):
    """What was learned. `at` is the time of the order or authorization, `recorded_at` when it was written down.

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
    after: After = 0,
    limit: Limit = 500,
) -> Journal:
    """Kept for years, also after the order's workflow ended."""
    order = find_order(services, caller.one_tenant(), connection, order_no)
    return _journal(services, caller, order.workflow_id, after, limit)


@router.get(
    "/authorizations/{account:part}/{reference:part}/journal",
    summary="Read the journal of one authorization",
    tags=["Authorizations"],
)
def read_hold_journal(
    services: ServicesDep, caller: Reader, account: Account, reference: Reference, after: After = 0, limit: Limit = 500
) -> Journal:
    """Kept for years, also after its workflow ended."""
    row = find_authorization(services, caller.one_tenant(), account, reference)
    return _journal(services, caller, row.workflow_id, after, limit)


def _journal(services: Services, caller: Caller, workflow_id: str, after: int, limit: int) -> Journal:
    owner = owner_of(workflow_id)
    if owner is None:
        raise LookupError(f"nobody has the workflow id {workflow_id}")
    rows = services.orders.facts(workflow_id, after=after, limit=limit + 1)
    more = len(rows) > limit
    tenant = {} if caller.token.tenant is not None else {"tenant": owner.tenant}
    following = urlencode(tenant | {"after": rows[limit - 1].seq, "limit": limit}) if more else ""
    return Journal(
        facts=[_fact(row) for row in rows[:limit]],
        operations=[effect_view(one, owner) for one in services.orders.operations(workflow_id)],
        messages=[message_view(one, owner) for one in services.messages.of_order(workflow_id)],
        next=f"{owner.path}/journal?{following}" if following else None,
    )


def _fact(row: FactRow) -> JournalFact:
    content = _facts.dump_python(row.fact, mode="json") if row.fact is not None else None
    return JournalFact(seq=row.seq, kind=row.kind, at=row.at, recorded_at=row.recorded_at, fact=content)
