"""The order list and one order as pages."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from domain.summary import OrderStatus
from domain.tenant_config import Language
from storage.orders import OrderFilter
from storage.paging import BadCursor
from storage.rows import OrderRow
from web.edge.paths import joined
from web.explaining import explain_order
from web.listing import list_page
from web.pages.order_view import credit_note_view, invoice_view, order_view, problem_view
from web.pages.reader import frame, language_of
from web.pages.rendering import render
from web.pages.timeline import timeline
from web.pages.words import Words
from web.services import Services, ServicesDep
from web.why import sentence

router = APIRouter(include_in_schema=False)

_PAGE = 50


@router.get("/")
def order_list(
    request: Request,
    services: ServicesDep,
    text: Annotated[str, Query()] = "",
    status: Annotated[str, Query()] = "",
    needs_human: Annotated[str, Query()] = "",
    after: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """Orders of all tenants, last changed first. A parameter that makes no sense is left out."""
    language = language_of(request)
    known = {one.value for one in OrderStatus}
    filters = OrderFilter(
        status=status if status in known else "", needs_human=True if needs_human else None, text=text[:100]
    )
    try:
        page = list_page(services, None, filters, after=after, limit=_PAGE)
    except BadCursor:
        page = list_page(services, None, filters, after=None, limit=_PAGE)
    following = request.url.include_query_params(after=page.after, lang=language.value) if page.after else None
    return _page(
        "orders.html",
        frame(request, services, language),
        orders=[order_view(one, language) for one in page.rows],
        filters=filters,
        statuses=[one.value for one in OrderStatus],
        more=f"/?{following.query}" if following else "",
    )


@router.get("/ui/orders/{connection:part}/{order_no:part}")
async def one_order(
    request: Request, services: ServicesDep, connection: str, order_no: str, tenant: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """One order with its reasons, problems, invoices and timeline."""
    language = language_of(request)
    top = await asyncio.to_thread(frame, request, services, language)
    order = await asyncio.to_thread(services.orders.get_order, tenant, connection, order_no)
    if order is None:
        return _page("message.html", top, status=404, message=Words(language)["not_found"])
    explained = await explain_order(services, order)
    told = explained.explanation
    top["stored_only"] = not explained.reachable
    shown = await asyncio.to_thread(_belongings, services, order, language)
    return _page(
        "order.html",
        top,
        order=order_view(order, language),
        why={
            "waits_for": sentence(told.waits_for if told else None, language),
            "not_released": sentence(told.not_released if told else None, language),
            "not_captured": sentence(told.not_captured if told else None, language),
            "hint": sentence(told.hint if told else None, language),
        },
        temporal_link=_temporal_link(services, order),
        **shown,
    )


def _belongings(services: Services, order: OrderRow, language: Language) -> dict[str, Any]:
    lines, cut = timeline(services, order, language)
    return {
        "problems": [problem_view(one, language) for one in reversed(services.orders.problems(order.workflow_id))],
        "invoices": [invoice_view(one, order.currency) for one in services.orders.invoices(order.workflow_id)],
        "credit_notes": [
            credit_note_view(one, order.currency) for one in services.orders.credit_notes(order.workflow_id)
        ],
        "timeline": lines,
        "timeline_cut": cut,
    }


def _temporal_link(services: Services, order: OrderRow) -> str:
    settings = services.settings
    base = settings.temporal_ui_url.rstrip("/")
    return base + joined("namespaces", settings.temporal_namespace, "workflows", order.workflow_id)


def _page(template: str, top: dict[str, Any], *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(render(template, **top, **values), status_code=status)
