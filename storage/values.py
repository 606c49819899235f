"""Values of the domain as JSON text and back. Unknown fields are passed over, missing ones take their defaults."""

from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter

from domain.authorization.facts import AuthorizationFact
from domain.facts import Fact

T = TypeVar("T")

# names tell facts apart in the journal, so those of orders and authorizations share them or differ
FACT_KINDS: dict[str, type[Any]] = {one.__name__: one for one in (*get_args(Fact), *get_args(AuthorizationFact))}


def to_json(value: object) -> str:
    """A dataclass of the domain as JSON text; equal values give equal text."""
    return _adapter(type(value)).dump_json(value).decode()


def from_json(kind: type[T], text: str) -> T:
    """A dataclass of the domain from JSON text, possibly written by an older or newer version."""
    value: T = _adapter(kind).validate_json(text)
    return value


def fact_from_json(kind: str, text: str) -> Any:
    """A fact of an order or an authorization by the name of its class."""
    return from_json(FACT_KINDS[kind], text)


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
