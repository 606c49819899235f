"""A stored procedure as a SOAP method: parameters in wire order, columns, and what runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.settings import AccountSettings, Profile
from sandboxes.pixi.soap.types import SqlType

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Param:
    name: str
    type: SqlType
    default: Any = None
    required: bool = False
    since: Profile = Profile.LOU46


@dataclass(frozen=True)
class Column:
    name: str
    type: SqlType


@dataclass(frozen=True)
class Message:
    """A `SqlMessage`: class 0 warns, above 10 is an error."""

    number: int
    text: str
    severity: int = 16
    state: int = 1


@dataclass
class Answer:
    """What a procedure hands back: rows (None = no row set), messages, return value, output parameters."""

    rows: list[Row] | None = None
    messages: list[Message] = field(default_factory=list)
    result_code: int = 0
    scalar: int | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] | None = None  # when the rows are not those of the procedure


class Args:
    """The values of a call. A parameter left out has its default, one sent as nil is NULL."""

    def __init__(self, values: dict[str, Any], sent: frozenset[str] = frozenset()) -> None:
        self._values = values
        self._sent = sent

    def get(self, name: str) -> Any:
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        return str(value) if value is not None else None

    def number(self, name: str) -> int | None:
        value = self._values.get(name)
        return int(value) if value is not None else None

    def when(self, name: str) -> datetime | None:
        value = self._values.get(name)
        return value if isinstance(value, datetime) else None

    def nulled(self, name: str) -> bool:
        """Whether the parameter was sent as NULL, so that its default does not hold."""
        return name in self._sent and self._values.get(name) is None

    def limited(self, rows: Iterable[Row], default: int) -> list[Row]:
        """The first `RowCount` rows; 0 means the default, NULL (or a profile without it) no limit."""
        if "RowCount" not in self._values or self._values["RowCount"] is None:
            return list(rows)
        wanted = int(self._values["RowCount"])
        return list(islice(rows, wanted if wanted > 0 else default))


@dataclass(frozen=True)
class Procedure:
    name: str
    params: tuple[Param, ...]
    columns: tuple[Column, ...]
    run: Callable[[PixiAccount, Args], Answer]
    writes: bool = False
    scalar: bool = False
    since: Profile = Profile.LOU46
    success: Row | None = None  # the row a writing call answers when all went well

    def offered(self, settings: AccountSettings) -> bool:
        return settings.profile.has(self.since) and self.name not in settings.without

    def params_for(self, settings: AccountSettings) -> tuple[Param, ...]:
        return tuple(
            one
            for one in self.params
            if settings.profile.has(one.since) and f"{self.name}({one.name})" not in settings.without
        )

    def columns_for(self, settings: AccountSettings) -> tuple[Column, ...]:
        return tuple(one for one in self.columns if f"{self.name}.{one.name}" not in settings.without)


def failed(text: str, *, number: int = 50_000) -> Answer:
    """What a procedure without status columns answers when it refuses: an error message and a return value."""
    return Answer(messages=[Message(number=number, text=text)], result_code=1)
