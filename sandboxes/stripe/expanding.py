"""Unfolds references in an answer: `latest_charge.balance_transaction`, and `data.…` on lists."""

from collections.abc import Callable
from typing import Any

from sandboxes.stripe import wire, wire_people
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.side import Side

DEEPEST = 4
Look = Callable[[Side, str], Any]


def _look(table: str, show: Callable[[Side, Any], dict[str, Any]]) -> Look:
    return lambda side, key: show(side, getattr(side, table)[key])


def _source(side: Side, key: str) -> Any:
    return _LOOKS["refund" if key in side.refunds else "charge"](side, key)


def _refunds(side: Side, charge_id: str) -> dict[str, Any]:
    found = [wire_people.refund(side, one) for one in reversed(side.refunds.values()) if one.charge == charge_id]
    url = f"/v1/charges/{charge_id}/refunds"
    return {"object": "list", "data": found[:10], "has_more": len(found) > 10, "url": url}


_LOOKS: dict[str, Look] = {
    "payment_intent": _look("intents", wire.intent),
    "charge": _look("charges", wire.charge),
    "refund": _look("refunds", wire_people.refund),
    "customer": _look("customers", wire_people.customer),
    "payment_method": _look("methods", wire_people.payment_method),
    "balance_transaction": _look("entries", wire_people.balance_transaction),
    "source": _source,
    "refunds": _refunds,
}
# which kind of object a reference leads to; empty where this sandbox never has anything to unfold
EXPANDABLE: dict[str, dict[str, str]] = {
    "payment_intent": {
        "application": "",
        "customer": "customer",
        "latest_charge": "charge",
        "on_behalf_of": "",
        "payment_method": "payment_method",
        "review": "",
    },
    "charge": {
        "application": "",
        "application_fee": "",
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "",
        "on_behalf_of": "",
        "payment_intent": "payment_intent",
        "refunds": "refunds",
        "review": "",
        "source_transfer": "",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "customer": "customer",
        "failure_balance_transaction": "",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
        "source_transfer_reversal": "",
        "transfer_reversal": "",
    },
    "setup_intent": {
        "application": "",
        "customer": "customer",
        "latest_attempt": "",
        "mandate": "",
        "on_behalf_of": "",
        "payment_method": "payment_method",
        "single_use_mandate": "",
    },
    "payment_method": {"customer": "customer"},
    "balance_transaction": {"source": "source"},
    "source": {"balance_transaction": "balance_transaction"},
    "refunds": {"data": "refund"},
    "customer": {"default_source": "", "test_clock": ""},
}


def check_paths(kind: str, paths: list[str], *, listed: bool) -> None:
    """Raises ApiError for a path that cannot be unfolded in `kind`, before anything takes effect."""
    for index, path in enumerate(paths):
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise _refused(path, index, code="property_expansion_max_depth")
        if listed and (steps[0] != "data" or len(steps) == 1):
            raise _refused(path, index)
        here = kind
        for step in steps[1:] if listed else steps:
            known = EXPANDABLE.get(here, {})
            if step not in known:
                raise _refused(path, index)
            here = known[step]


def _refused(path: str, index: int, code: str | None = None) -> ApiError:
    return invalid(f"This property cannot be expanded ({path}).", f"expand[{index}]", code=code)


def expand(side: Side, shown: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """`shown` with every path unfolded; the paths have been checked."""
    for path in paths:
        _unfold(side, shown, path.split("."))
    return shown


def _unfold(side: Side, shown: dict[str, Any], steps: list[str]) -> None:
    if shown.get("object") == "list":
        for one in shown["data"] if len(steps) > 1 else ():
            _unfold(side, one, steps[1:])
        return
    name = steps[0]
    kind = EXPANDABLE[str(shown["object"])][name]
    if kind == "refunds":
        shown.setdefault(name, _refunds(side, shown["id"]))
    elif isinstance(shown.get(name), str) and kind:
        shown[name] = _LOOKS[kind](side, shown[name])
    if len(steps) > 1 and isinstance(shown.get(name), dict):
        _unfold(side, shown[name], steps[1:])
