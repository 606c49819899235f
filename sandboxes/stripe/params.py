"""A small language for what a call takes, and the check of a request against it.

A kind turns the text of a parameter into its value or refuses it. `Hash` refuses what it does not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.forms import Value, place

Kind = Callable[[Value, str], Any]
LONGEST_TEXT = 5000
METADATA_KEYS, METADATA_KEY, METADATA_VALUE = 50, 40, 500


def _empty(param: str) -> ApiError:
    return invalid(
        f"You passed an empty value for '{param}', which cannot be unset.", param, code="parameter_invalid_empty"
    )


def text(value: Value, param: str) -> str:
    """Any text that is not empty."""
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {param} cannot be a hash or an array", param)
    if value == "":
        raise _empty(param)
    if len(value) > LONGEST_TEXT:
        raise invalid(f"Invalid string: {param} is longer than {LONGEST_TEXT} characters", param)
    return value


def clearable(value: Value, param: str) -> str | None:
    """A text; an empty one unsets what is there."""
    return None if value == "" else text(value, param)


def integer(value: Value, param: str) -> int:
    if value == "":
        raise _empty(param)
    sign, digits = (value[:1], value[1:]) if isinstance(value, str) and value.startswith("-") else ("", value)
    if not isinstance(digits, str) or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise invalid(f"Invalid integer: {str(value)[:80]}", param, code="parameter_invalid_integer")
    return int(sign + digits)


def flag(value: Value, param: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {str(value)[:80]}", param)
    return bool(value == "true")


def one_of(*names: str, clear: bool = False) -> Kind:
    """One of these names; with `clear` an empty one unsets it."""

    def check(value: Value, param: str) -> str | None:
        if clear and value == "":
            return None
        if value not in names:
            raise invalid(f"Invalid {param}: must be one of {', '.join(names)}", param)
        return str(value)

    return check


def list_of(inner: Kind) -> Kind:
    def check(value: Value, param: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(f"Invalid array: {param}", param)
        return [inner(one, place(param, str(index))) for index, one in enumerate(value)]

    return check


def metadata(value: Value, param: str) -> dict[str, str]:
    """Up to 50 texts by name. An empty text takes its key away, an empty `metadata` takes all away."""
    if value == "":
        return {"": ""}
    items = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(items, dict):
        raise invalid("Invalid hash: metadata", param)
    found: dict[str, str] = {}
    for key, one in items.items():
        if not isinstance(one, str):
            raise invalid("Metadata values must be strings", place(param, str(key)))
        if len(str(key)) > METADATA_KEY or len(one) > METADATA_VALUE:
            raise invalid("Metadata keys have up to 40 characters and values up to 500", place(param, str(key)))
        found[str(key)] = one
    if len(found) > METADATA_KEYS:
        raise invalid(f"Metadata can have up to {METADATA_KEYS} keys", param)
    return found


def merged(kept: dict[str, str], change: dict[str, str] | None) -> dict[str, str]:
    """Metadata after a change: empty values are gone."""
    if change is None:
        return kept
    if "" in change:
        return {}
    return {key: value for key, value in {**kept, **change}.items() if value != ""}


def created_range(value: Value, param: str) -> dict[str, int]:
    """An instant in unix seconds, or bounds by `gt`, `gte`, `lt`, `lte`."""
    if isinstance(value, str):
        return {"gte": integer(value, param), "lte": integer(value, param)}
    bounds = Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), integer))
    found: dict[str, int] = bounds(value, param)
    return found


@dataclass(frozen=True)
class Hash:
    """The parameters of a call or of a place inside one. `needed` must be there; `unplayed` are known but not played.

    `removed` are parameters that this version of the API has given up, with the code of their refusal.
    """

    fields: Mapping[str, Kind]
    needed: tuple[str, ...] = ()
    unplayed: frozenset[str] = frozenset()
    removed: Mapping[str, str] = field(default_factory=dict)
    clear: bool = False  # an empty text stands for an empty hash

    def __call__(self, value: Value, param: str = "") -> dict[str, Any]:
        if value == "" and self.clear:
            return {}
        if not isinstance(value, dict):
            raise invalid(f"Invalid hash: {param}", param)
        for name in value:
            if name not in self.fields:
                raise self._unknown(place(param, name), name)
        for name in self.needed:
            if name not in value:
                where = place(param, name)
                raise invalid(f"Missing required param: {where}.", where, code="parameter_missing")
        return {name: self.fields[name](one, place(param, name)) for name, one in value.items()}

    def _unknown(self, where: str, name: str) -> ApiError:
        if name in self.removed:
            return invalid(f"{where} cannot be written in this API version.", where, code=self.removed[name])
        if name in self.unplayed:
            return invalid(f"{where} is a parameter of the API that this sandbox does not play.", where)
        return invalid(f"Received unknown parameter: {where}", where, code="parameter_unknown")


def names(listed: str) -> frozenset[str]:
    """The words of a text, for lists of names that would fill a page."""
    return frozenset(listed.split())


def anything(value: Value, _: str) -> Value:
    """Taken and kept out of sight: it changes nothing that the sandbox plays."""
    return value
