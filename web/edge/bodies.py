"""JSON bodies, read once the caller is known: who may not speak is not told what is wrong with what he said."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from web.edge.errors import ApiError, ErrorBody, invalid

M = TypeVar("M", bound=BaseModel)

BODY_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The body is no JSON."},
    415: {"model": ErrorBody, "description": "The body is not declared as JSON."},
}


async def body_of(request: Request, model: type[M]) -> M:
    """The body as a value of `model`. Raises `ApiError`."""
    return parsed_body(request.headers.get("content-type", ""), await request.body(), model)


def parsed_body(content_type: str, body: bytes, model: type[M]) -> M:
    """The same for a body that has been read."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(
            415, "not_json", "The body is not declared as JSON.", "Send it with `Content-Type: application/json`."
        )
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        if problems[0]["type"] == "json_invalid":
            raise ApiError(400, "malformed_json", "The body is no JSON.", "Send a JSON object, see /docs.") from None
        raise invalid(problems) from None


def described(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The part of a route's description that tells its body."""
    schema = model.model_json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": whole}}}}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """The schema with its parts in place: a reference would be looked for in the whole document."""
    if isinstance(schema, list):
        return [_inlined(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(value, parts) for name, value in schema.items()}
