"""The plaintext of a message: `Key=Value` pairs joined with `&`, nothing escaped.

A value cannot contain `&`, may contain `=`, and `+` is a plus. Names do not depend on case or order, and unknown ones
are kept, because new ones may come at any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from paygate.errors import PaygateError, Refusal


@dataclass(frozen=True, repr=False)
class Fields:
    """The fields of a message in their order, looked up by name in any case.

    Of a name that comes twice the first value counts, so that a check and whoever acts on it see the same one;
    `doubled` tells those that came again with another value. The repr shows names only.
    """

    pairs: tuple[tuple[str, str], ...]
    _first: dict[str, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        first: dict[str, str] = {}
        for name, value in self.pairs:
            first.setdefault(name.lower(), value)
        object.__setattr__(self, "_first", first)

    def get(self, name: str, default: str = "") -> str:
        """The value of `name`, or `default` where the message does not have it."""
        return self._first.get(name.lower(), default)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    def __repr__(self) -> str:
        return f"Fields({', '.join(name for name, _ in self.pairs)})"

    @property
    def doubled(self) -> tuple[str, ...]:
        """Names, in small letters, that came more than once with different values."""
        odd = (name.lower() for name, value in self.pairs if value != self._first[name.lower()])
        return tuple(dict.fromkeys(odd))


def latin(text: str, what: str) -> bytes:
    """`text` as ISO-8859-1. Raises PaygateError (characters), which names `what` and the character by its number."""
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError as error:
        raise PaygateError(
            Refusal.CHARACTERS,
            f"{what} has the character U+{ord(text[error.start]):04X}, which ISO-8859-1 cannot express; replace it.",
        ) from None


def write(pairs: Iterable[tuple[str, str]]) -> str:
    """The plaintext of these fields, in their order.

    Raises PaygateError: field-name (empty, or with `&` or `=`), field-twice, field-value (`&` in a value, or anything
    but ASCII in RefNr), characters (outside ISO-8859-1), no-fields.
    """
    written: dict[str, str] = {}
    for name, value in pairs:
        if not name or "&" in name or "=" in name:
            raise PaygateError(Refusal.FIELD_NAME, "A field needs a name without & and =.")
        latin(name, "The name of a field")
        if name.lower() in written:
            raise PaygateError(Refusal.FIELD_TWICE, f"{name} was given twice; names do not differ by case.")
        if "&" in value:
            raise PaygateError(Refusal.FIELD_VALUE, f"{name} contains &, which ends a field; leave it out.")
        if name.lower() == "refnr" and not value.isascii():
            raise PaygateError(
                Refusal.FIELD_VALUE, f"{name} takes ASCII only; write umlauts and accented letters in plain letters."
            )
        latin(value, name)
        written[name.lower()] = f"{name}={value}"
    if not written:
        raise PaygateError(Refusal.NO_FIELDS, "A message needs at least one field.")
    return "&".join(written.values())


def read(text: str) -> Fields:
    """The fields of a plaintext or of an answer in clear text; empty parts are skipped.

    A part without `=` is a name without a value. Raises PaygateError (no-fields) where not one part has a name and
    a `=`.
    """
    parts = [part.partition("=") for part in text.split("&") if part]
    if not any(name and equals for name, equals, _ in parts):
        raise PaygateError(
            Refusal.NO_FIELDS, "The message holds no field; most likely it was encrypted with another password."
        )
    return Fields(tuple((name, value) for name, _, value in parts))
