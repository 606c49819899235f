"""Whether the process lives, and whether it can do its work."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import JSONResponse

from storage.database import DatabaseUnusable
from web.edge.errors import ErrorBody, ErrorDetail
from web.services import Services, ServicesDep

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/health", summary="Does the process live?")
async def health() -> Alive:
    """Asks nobody else."""
    return Alive()


@router.get(
    "/ready",
    summary="Can it work?",
    response_model=Alive,
    responses={503: {"model": ErrorBody, "description": "Something it needs cannot be reached."}},
)
async def ready(services: ServicesDep) -> Alive | JSONResponse:
    """Database and Temporal can be reached; otherwise 503 says which cannot."""
    sql, temporal = await asyncio.gather(asyncio.to_thread(_database_answers, services), services.messenger.reachable())
    missing = [name for name, there in (("the database", sql), ("Temporal", temporal)) if not there]
    if not missing:
        return Alive()
    problem = ErrorDetail(
        code="not_ready",
        message=f"Cannot be reached: {' and '.join(missing)}.",
        what_to_do="Start what is missing; this process goes on by itself as soon as it answers.",
    )
    return JSONResponse(ErrorBody(error=problem).model_dump(exclude_none=True), status_code=503)


def _database_answers(services: Services) -> bool:
    try:
        with services.database.read() as connection:
            connection.execute(text("SELECT 1"))
    except DatabaseUnusable:
        return False
    return True
