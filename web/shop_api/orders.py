"""Lists and reads orders from SQL; only the why-text asks the running order."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request

from domain.payment_methods import Family
from domain.summary import OrderStatus
from storage.orders import OrderFilter
from storage.paging import BadCursor
from storage.rows import CreditNoteLine, InvoiceLine, OrderRow, ProblemRow
from web.edge.errors import ApiError
from web.explaining import explain_order
from web.listing import list_page
from web.services import Services, ServicesDep
from web.shop_api.access import Caller, Reader
from web.shop_api.views import OrderDetail, OrderList, detail, item

router = APIRouter(tags=["Orders"])

Connection = Annotated[str, Path(max_length=200, description="Name of the ERP connection.")]
OrderNo = Annotated[
    str, Path(max_length=200, description="Order number in the ERP, percent-encoded (`A/1` as `A%2F1`).")
]


@router.get("/orders", summary="List orders")
def list_orders(
    request: Request,
    services: ServicesDep,
    caller: Reader,
    status: Annotated[OrderStatus | None, Query(description="Only orders at this status.")] = None,
    family: Annotated[Family | None, Query(description="Only orders paid in this way.")] = None,
    problem: Annotated[str, Query(max_length=100, description="Only orders whose gravest problem is this code.")] = "",
    needs_human: Annotated[bool | None, Query(description="Only orders that need somebody, or only others.")] = None,
    text: Annotated[str, Query(max_length=100, description="Part of an order number or payment id.")] = "",
    connection: Annotated[str, Query(max_length=200, description="Only orders of this ERP connection.")] = "",
    after: Annotated[str | None, Query(max_length=2000, description="Where the page before ended.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Orders per page.")] = 50,
) -> OrderList:
    """Last changed first, page by page: follow `next`."""
    filters = OrderFilter(connection, status or "", family or "", problem, needs_human, text)
    try:
        page = list_page(services, caller.tenant, filters, after=after, limit=limit)
    except BadCursor:
        raise ApiError(
            422,
            "bad_cursor",
            "The parameter `after` is no place in this list.",
            "Follow the address in `next` as it is, or start again without `after`.",
        ) from None
    following = str(request.url.include_query_params(after=page.after).query) if page.after else None
    return OrderList(
        orders=[item(one, suffix_for(caller, one.tenant)) for one in page.rows],
        next=f"/orders?{following}" if following else None,
    )


@router.get("/orders/{connection:part}/{order_no:part}", summary="Read one order")
async def read_order(services: ServicesDep, caller: Reader, connection: Connection, order_no: OrderNo) -> OrderDetail:
    """With its invoices, its problems and the reason why it waits, in German and English."""
    order = await asyncio.to_thread(find_order, services, caller.one_tenant(), connection, order_no)
    explained = await explain_order(services, order)
    belongings = await asyncio.to_thread(_belongings, services, order.workflow_id)
    return detail(order, *belongings, explained, suffix_for(caller, order.tenant))


def find_order(services: Services, tenant: str, connection: str, order_no: str) -> OrderRow:
    """The order, or 404 with a hint."""
    order = services.orders.get_order(tenant, connection, order_no)
    if order is None:
        raise unknown_order()
    return order


def unknown_order() -> ApiError:
    return ApiError(
        404,
        "unknown_order",
        "There is no such order here.",
        "Check the connection and the ERP's order number (not the shop's), percent-encoded; a new order appears "
        "after the ERP was next asked. GET /orders?text=… finds it by a part of its number.",
    )


def suffix_for(caller: Caller, tenant: str) -> str:
    """What this caller has to add to the address of an order."""
    return "" if caller.token.tenant is not None else "?" + urlencode({"tenant": tenant})


def _belongings(
    services: Services, workflow_id: str
) -> tuple[tuple[InvoiceLine, ...], tuple[CreditNoteLine, ...], tuple[ProblemRow, ...]]:
    orders = services.orders
    return orders.invoices(workflow_id), orders.credit_notes(workflow_id), orders.problems(workflow_id)
