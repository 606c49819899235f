"""One shape for every error: `{error: {code, message, what_to_do}}`, never a stack trace or foreign text."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from administration.refusals import Refused, Why
from domain.errors import Misconfigured
from storage.database import DatabaseUnusable
from web.messenger import TemporalUnreachable

log = structlog.get_logger()
_STATUS = {Why.INVALID: 422, Why.MISSING: 404, Why.CONFLICT: 409, Why.OUTDATED: 412, Why.LATER: 503}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str
    what_to_do: str


class ErrorDetail(BaseModel):
    """What went wrong and what the caller can do about it. `fields`: every field that is wrong, where several were
    looked at together; message and what_to_do are then those of the first."""

    code: str
    message: str
    what_to_do: str
    fields: list[FieldError] | None = None


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


class ApiError(Exception):
    """Ends a request with this answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        what_to_do: str,
        headers: Mapping[str, str] | None = None,
        fields: list[FieldError] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        detail = ErrorDetail(code=code, message=message, what_to_do=what_to_do, fields=fields)
        self.body = ErrorBody(error=detail)
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        return JSONResponse(self.body.model_dump(exclude_none=True), status_code=self.status, headers=self.headers)


def invalid(errors: list[ErrorDetails]) -> ApiError:
    """422 with the first field that is wrong."""
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return ApiError(
        422,
        "invalid_request",
        f"{where}: {first['msg']}",
        "Correct this field and send the request again; /docs describes all fields.",
    )


def refused(refusal: Refused) -> ApiError:
    """What setting up refuses, with the same code and words."""
    headers = {"Retry-After": "60"} if refusal.why is Why.LATER else None
    fields = [FieldError(field=one.field, message=one.message, what_to_do=one.what_to_do) for one in refusal.faults]
    return ApiError(_STATUS[refusal.why], refusal.code, refusal.message, refusal.what_to_do, headers, fields or None)


def no_such_page() -> ApiError:
    return ApiError(404, "not_found", "There is nothing at this address.", "/docs lists every address of this API.")


def database_unusable() -> ApiError:
    return ApiError(
        503,
        "database_unavailable",
        "The database of Holdfast cannot be used at the moment.",
        "Repeat the request in a moment, with the same request id if it has one.",
        {"Retry-After": "5"},
    )


def temporal_unreachable() -> ApiError:
    return ApiError(
        503,
        "temporal_unavailable",
        "The workflow server cannot be reached at the moment.",
        "Repeat the request in a moment, with the same request id if it has one.",
        {"Retry-After": "5"},
    )


def misconfigured(error: Misconfigured) -> ApiError:
    """Something that an operator has to set first."""
    return ApiError(503, "misconfigured", f"{error}", "Tell the operator of Holdfast.", {"Retry-After": "60"})


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception in the one shape."""

    @app.exception_handler(ApiError)
    async def _ours(_request: Request, error: ApiError) -> Response:
        return error.response()

    @app.exception_handler(Refused)
    async def _refusal(_request: Request, error: Refused) -> Response:
        return refused(error).response()

    @app.exception_handler(RequestValidationError)
    async def _fields(_request: Request, error: RequestValidationError) -> Response:
        return invalid(list(error.errors())).response()

    @app.exception_handler(HTTPException)
    async def _framework(request: Request, error: HTTPException) -> Response:
        return _of_framework(request, error).response()

    @app.exception_handler(DatabaseUnusable)
    async def _database(_request: Request, error: DatabaseUnusable) -> Response:
        log.error("database.unusable", reason=str(error))
        return database_unusable().response()

    @app.exception_handler(Misconfigured)
    async def _settings(_request: Request, error: Misconfigured) -> Response:
        log.error("settings.wrong", reason=str(error))
        return misconfigured(error).response()

    @app.exception_handler(TemporalUnreachable)
    async def _temporal(_request: Request, error: TemporalUnreachable) -> Response:
        log.warning("temporal.unreachable", reason=str(error))
        return temporal_unreachable().response()


def internal_error() -> ApiError:
    return ApiError(
        500,
        "internal_error",
        "Holdfast failed to answer; the failure was logged.",
        "Repeat the request with the same request id. If it fails again, tell the operator of Holdfast the time.",
    )


def _of_framework(request: Request, error: HTTPException) -> ApiError:
    if error.status_code == 404:
        return no_such_page()
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        message = f"{request.method} is not possible here."
        return ApiError(405, "method_not_allowed", message, f"Allowed here: {allowed or 'see /docs'}.", error.headers)
    return ApiError(error.status_code, "refused", "The request was refused.", "/docs describes what is possible.")
