"""Failure files: which there are, and the bytes of one, as they were written and never change."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from storage.failure_files import FailureFileRow
from web.edge.errors import ApiError
from web.edge.paths import joined
from web.services import ServicesDep
from web.shop_api.access import Reader

router = APIRouter(tags=["Failure files"])

_BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class FailureFileView(BaseModel):
    """One file. `day` is the Berlin day of its failures, `lines` how many there are, `sha256` that of its bytes.

    `delivery`: none (there was no folder to put it into), open, delivered or refused; `reason` says why not yet.
    """

    name: str
    account: str
    day: date
    lines: int
    sha256: str
    written_at: datetime
    delivery: str
    reason: str
    delivered_at: datetime | None
    links: dict[str, str]


class FailureFileList(BaseModel):
    """Newest day first. `next` is null on the last page."""

    files: list[FailureFileView]
    next: str | None


@router.get("/failure-files", summary="List failure files")
def list_failure_files(
    services: ServicesDep,
    caller: Reader,
    account: Annotated[str, Query(max_length=200, description="Only this provider account's.")] = "",
    after: Annotated[str, Query(max_length=200, description="Name of the last file already seen.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Files per page.")] = 100,
) -> FailureFileList:
    """A day without failures has no file."""
    tenant = caller.one_tenant()
    try:
        rows = services.failure_files.list_files(tenant, account=account, after=after, limit=limit + 1)
    except LookupError:
        raise ApiError(
            422, "bad_cursor", "There is no failure file of the name that `after` gives.", "Begin without `after`."
        ) from None
    of_tenant = {} if caller.token.tenant is not None else {"tenant": tenant}
    page, more = rows[:limit], len(rows) > limit
    following = of_tenant | {"after": page[-1].name, "limit": limit} if more else {}
    if more and account:
        following["account"] = account
    return FailureFileList(
        files=[_view(one, of_tenant) for one in page],
        next=f"{joined('failure-files')}?{urlencode(following)}" if more else None,
    )


@router.get(
    "/failure-files/{file_name:part}", summary="Download a failure file", response_class=Response, responses=_BYTES
)
def download_failure_file(
    services: ServicesDep, caller: Reader, file_name: Annotated[str, Path(description="Name of the file.")]
) -> Response:
    """Byte for byte what was, or is to be, delivered."""
    content = services.failure_files.download(caller.one_tenant(), file_name)
    if content is None:
        raise ApiError(
            404, "unknown_file", "There is no failure file of this name.", "See /failure-files for those there are."
        )
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _view(row: FailureFileRow, of_tenant: dict[str, str]) -> FailureFileView:
    address = joined("failure-files", row.name)
    return FailureFileView(
        name=row.name,
        account=row.account,
        day=row.day,
        lines=row.lines,
        sha256=row.sha256,
        written_at=row.written_at,
        delivery=row.delivery.value,
        reason=row.reason,
        delivered_at=row.delivered_at,
        links={"self": f"{address}?{urlencode(of_tenant)}" if of_tenant else address},
    )
