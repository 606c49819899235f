"""Lists: newest first, in pages that a cursor opens."""

from collections.abc import Callable, Iterable
from typing import Any

from sandboxes.stripe.errors import invalid, missing_object

USUAL, MOST = 10, 100


def page(
    url: str,
    found: Iterable[Any],
    params: dict[str, Any],
    show: Callable[[Any], dict[str, Any]],
    known: dict[str, Any],
) -> dict[str, Any]:
    """One page of `found` (oldest first), which may be narrowed by `created`. `known` are all ids a cursor may name."""
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise invalid(f"This value must be between 1 and {MOST}.", "limit", code="parameter_invalid_integer")
    if "starting_after" in params and "ending_before" in params:
        raise invalid("starting_after and ending_before exclude each other.", code="parameters_exclusive")
    rows = [one for one in found if _within(one.created, params.get("created", {}))]
    rows.reverse()
    backwards = "ending_before" in params
    cursor = params.get("ending_before", params.get("starting_after"))
    if cursor is not None:
        if cursor not in known:
            raise missing_object("object", cursor, "ending_before" if backwards else "starting_after")
        order = {key: number for number, key in enumerate(known)}
        sign = 1 if backwards else -1
        rows = [one for one in rows if (order[one.id] - order[cursor]) * sign > 0]
    shown = rows[-limit:] if backwards else rows[:limit]  # backwards: the nearest ones above the cursor
    return {"object": "list", "data": [show(one) for one in shown], "has_more": len(rows) > limit, "url": url}


def _within(created: int, bounds: dict[str, int]) -> bool:
    return (
        created > bounds.get("gt", -1)
        and created >= bounds.get("gte", 0)
        and created < bounds.get("lt", 1 << 60)
        and created <= bounds.get("lte", 1 << 60)
    )
