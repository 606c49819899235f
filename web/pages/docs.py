"""The API description as a page, rendered from the OpenAPI document: works offline and loads nothing from elsewhere."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from web.pages.rendering import render

_METHODS = ("get", "post", "put", "delete")
_DEPTH = 6


def add_docs(app: FastAPI) -> None:
    """Serve the page at /docs."""

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(render("docs.html", **_view(app.openapi(), str(request.base_url).rstrip("/"))))


def _view(document: dict[str, Any], base: str) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                name = (operation.get("tags") or ["Other"])[0]
                groups.setdefault(name, []).append(_operation(document, base, path, method, operation))
    info = document["info"] | {"description": document["info"].get("description", "")}
    return {"info": info, "groups": [{"name": name, "operations": ops} for name, ops in groups.items()]}


def _operation(
    document: dict[str, Any], base: str, path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    body = _json_schema(operation.get("requestBody", {}))
    scopes = [scope for one in operation.get("security", ()) for needed in one.values() for scope in needed]
    answers = [
        {
            "status": status,
            "description": answer.get("description", ""),
            "body": _shown(document, _json_schema(answer)) if status < "3" else "",
        }
        for status, answer in operation["responses"].items()
    ]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "paragraphs": [one for one in operation.get("description", "").split("\n\n") if one],
        "scopes": ", ".join(scopes),
        "parameters": [_parameter(document, one) for one in operation.get("parameters", ())],
        "body": _shown(document, body),
        "answers": answers,
        "example": _curl(base, path, method, bool(operation.get("security")), body is not None),
    }


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "required": parameter.get("required", False),
        "type": _type(document, parameter["schema"]),
        "description": parameter.get("description", ""),
    }


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    options = [_resolved(document, one) for one in schema.get("anyOf", (schema,))]
    names = [" | ".join(one.get("enum", ())) or one.get("type", "") for one in options]
    return " or ".join(one for one in names if one and one != "null") or "text"


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _json_schema(content: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = content.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _shown(document: dict[str, Any], schema: dict[str, Any] | None) -> str:
    if not schema:
        return ""
    return json.dumps(_outline(document, schema, _DEPTH), indent=2, ensure_ascii=False)


def _outline(document: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """A schema as an example whose values say what they are."""
    schema = _resolved(document, schema)
    if depth == 0:
        return "…"
    if "anyOf" in schema:
        options = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return _outline(document, options[0], depth) if options else None
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return [_outline(document, schema.get("items", {}), depth - 1)]
    if "properties" in schema:
        return {name: _outline(document, one, depth - 1) for name, one in schema["properties"].items()}
    return schema.get("format") or schema.get("type") or "anything"


def _curl(base: str, path: str, method: str, secured: bool, with_body: bool) -> str:
    parts = ["curl"] if method == "get" else [f"curl -X {method.upper()}"]
    if secured:
        parts.append('-H "Authorization: Bearer $HOLDFAST_TOKEN"')
    if with_body:
        parts.append("-H 'Content-Type: application/json' -d '{\"request_id\": \"…\"}'")
    return " ".join([*parts, f"'{base}{path}'"])
