"""What faults may match on: ids, amounts and metadata of a request, as texts."""

from collections.abc import Mapping
from typing import Any

from sandboxes.stripe.side import Side

_NAMED = ("payment_intent", "charge", "customer", "payment_method", "off_session", "cancellation_reason", "reason")
_AMOUNTS = ("amount", "amount_to_capture")


def facts_of(side: Side, path: Mapping[str, Any], asked: dict[str, Any], key: str) -> dict[str, str]:
    """Facts by name; `metadata.order_id` and the like come from the request and from the payment it is about."""
    facts = {name: str(value) for name, value in path.items()}
    facts["mode"] = side.mode
    if key:
        facts["idempotency_key"] = key
    facts.update({name: asked[name] for name in _NAMED if isinstance(asked.get(name), str)})
    for name in _AMOUNTS:
        if isinstance(asked.get(name), str):
            facts["amount"] = asked[name]
    intent = side.intents.get(facts.get("payment_intent", ""))
    metadata: dict[str, Any] = {}
    if intent is not None:
        facts.setdefault("customer", intent.customer)
        facts.setdefault("payment_method", intent.payment_method)
        metadata.update(intent.metadata)
    if isinstance(asked.get("metadata"), dict):
        metadata.update(asked["metadata"])
    facts.update({f"metadata.{name}": value for name, value in metadata.items() if isinstance(value, str)})
    return facts
