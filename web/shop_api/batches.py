"""Batch files: handed in whole, worked through in the background, answered with a file of results."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from paygate.batch_names import Phase
from storage.batches import BatchRow
from web.edge.errors import ApiError, ErrorBody
from web.edge.paths import joined
from web.paygate.desk import BatchRefused, desk_of
from web.services import ServicesDep
from web.shop_api.access import Reader, Writer

router = APIRouter(tags=["Batch files"])

_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _BINARY}}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": _BINARY},
    409: {"model": ErrorBody, "description": "Not every record has a result yet."},
}
_CONFLICT: dict[int | str, dict[str, Any]] = {
    200: {"description": "This very file was handed in before."},
    409: {"model": ErrorBody, "description": "Another file has this name, or this content came under another."},
}

BatchId = Annotated[str, Path(max_length=100, description="The id that handing in answered with.")]


class BatchView(BaseModel):
    """One file. `ended` of its `records` have a result, `failed` of those say no. `state`: working or finished."""

    id: str
    name: str
    account: str
    merchant_id: str
    state: str
    records: int
    ended: int
    failed: int
    source: str
    received_at: datetime
    finished_at: datetime | None
    links: dict[str, str]


class BatchList(BaseModel):
    """Newest first."""

    batches: list[BatchView]


@router.post("/batches", summary="Hand in a batch file", status_code=202, openapi_extra=_BODY, responses=_CONFLICT)
async def hand_in(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Writer,
    name: Annotated[str, Query(max_length=100, description="Its name, T, day, counter and MerchantID, then .dat.")],
) -> BatchView:
    """A file whose HEAD or FOOT line is wrong is refused as a whole, before any record runs."""
    tenant, content = caller.one_tenant(), await request.body()
    desk = desk_of(services)
    try:
        batch_id, first = await asyncio.to_thread(desk.take_in, tenant, name, content, actor=caller.name, source="api")
    except BatchRefused as refusal:
        status = 409 if refusal.conflict else 422
        raise ApiError(status, refusal.code, refusal.message, refusal.what_to_do) from None
    row = await asyncio.to_thread(services.batches.get, tenant, batch_id)
    if row is None:
        raise LookupError("a batch that was just stored cannot be found")
    if not first:
        response.status_code = 200
    return _view(row, _of_tenant(caller.token.tenant, tenant))


@router.get("/batches", summary="List batch files")
def list_batches(
    services: ServicesDep,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=500, description="How many, newest first.")] = 50,
) -> BatchList:
    """Those that were handed in, and how far each has come."""
    tenant = caller.one_tenant()
    of_tenant = _of_tenant(caller.token.tenant, tenant)
    return BatchList(batches=[_view(one, of_tenant) for one in services.batches.list_batches(tenant, limit)])


@router.get("/batches/{batch_id:part}", summary="How far a batch file has come")
def one_batch(services: ServicesDep, caller: Reader, batch_id: BatchId) -> BatchView:
    """Records with a result, and how many failed."""
    tenant = caller.one_tenant()
    row = services.batches.get(tenant, batch_id)
    if row is None:
        raise _unknown()
    return _view(row, _of_tenant(caller.token.tenant, tenant))


@router.get(
    "/batches/{batch_id:part}/result", summary="Download the results", response_class=Response, responses=_BYTES
)
def batch_result(services: ServicesDep, caller: Reader, batch_id: BatchId) -> Response:
    """The records as they came, status and code behind each."""
    tenant = caller.one_tenant()
    row = services.batches.get(tenant, batch_id)
    if row is None:
        raise _unknown()
    content = services.batches.result(tenant, batch_id)
    if content is None:
        raise ApiError(
            409,
            "not_finished",
            f"{row.ended} of {row.records} records have a result.",
            "Ask again in a moment; /batches/… tells how far it is.",
        )
    name = quote(f"{Phase.PROCESSED.value}{row.name[1:]}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _unknown() -> ApiError:
    return ApiError(404, "unknown_batch", "There is no batch file of this id.", "See /batches for those there are.")


def _of_tenant(bound: str | None, tenant: str) -> str:
    return "" if bound is not None else f"?{urlencode({'tenant': tenant})}"


def _view(row: BatchRow, of_tenant: str) -> BatchView:
    address = joined("batches", row.id)
    return BatchView(
        id=row.id,
        name=row.name,
        account=row.account,
        merchant_id=row.merchant_id,
        state="working" if row.finished_at is None else "finished",
        records=row.records,
        ended=row.ended,
        failed=row.failed,
        source=row.source,
        received_at=row.received_at,
        finished_at=row.finished_at,
        links={"self": f"{address}{of_tenant}", "result": f"{address}/result{of_tenant}"},
    )
