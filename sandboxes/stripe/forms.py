"""Reads `a[b][0]=c` bodies and queries into nested dicts and lists, and names their places as the API does."""

from typing import Any
from urllib.parse import parse_qsl

from sandboxes.stripe.errors import invalid

Value = Any  # str, list[Value] or dict[str, Value]
DEEPEST = 8
MOST_FIELDS = 1000


def decode(text: str) -> dict[str, Value]:
    """The parameters of a form or query. Raises ApiError when they contradict each other."""
    root: dict[str, Value] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise invalid("Invalid request: the parameters are not form encoded") from error
    for name, value in pairs:
        _place(root, _steps(name), value)
    return {key: _lists(value) for key, value in root.items()}


def _steps(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    if not rest.endswith("]"):
        raise invalid(f"Invalid request: the parameter name {name[:80]} is not closed")
    steps = [head, *rest[:-1].split("][")]
    if len(steps) > DEEPEST or not head:
        raise invalid(f"Invalid request: the parameter name {name[:80]} cannot be read")
    return steps


def _place(root: dict[str, Value], steps: list[str], value: str) -> None:
    here = root
    for step in steps[:-1]:
        here = here.setdefault(step or str(len(here)), {})
        if not isinstance(here, dict):
            raise invalid(f"Invalid request: {steps[0]} is both a value and a hash")
    last = steps[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise invalid(f"Invalid request: {steps[0]} is both a value and a hash")
    here[last] = value


def _lists(value: Value) -> Value:
    """Hashes whose keys count from zero are lists."""
    if not isinstance(value, dict):
        return value
    inside = {key: _lists(one) for key, one in value.items()}
    numbers = [str(number) for number in range(len(inside))]
    return [inside[number] for number in numbers] if inside and set(inside) == set(numbers) else inside


def place(parent: str, name: str) -> str:
    """The name of a place inside another one: `card` and `network` give `card[network]`."""
    return f"{parent}[{name}]" if parent else name
