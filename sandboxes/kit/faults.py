"""Faults that a test arms per account and call, taken one by one as matching requests arrive."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """What happens to a matching request."""

    REFUSE = "refuse"  # the connection is closed before anything takes effect
    DROP_AFTER = "drop_after"  # takes effect, then the connection is closed without an answer
    DELAY = "delay"  # takes effect at once, the answer comes `seconds` later
    DELAY_BEFORE = "delay_before"  # waits `seconds`, then takes effect and answers
    STATUS = "status"  # answers with HTTP `status` before anything takes effect
    STATUS_AFTER = "status_after"  # takes effect, then answers with HTTP `status`
    MALFORMED = "malformed"  # takes effect, then answers with a body that cannot be parsed
    SPECIAL = "special"  # handled by the sandbox itself; `name` says what (its README lists the names)


class Fault(BaseModel):
    """One armed fault: which call it meets, after how many, how often, and what it does."""

    model_config = ConfigDict(extra="forbid")

    call: str = "*"  # name of the call, `*` for any; a trailing `*` matches a prefix
    kind: FaultKind
    times: Annotated[int, Field(ge=-1)] = 1  # -1 = until cleared
    skip: Annotated[int, Field(ge=0)] = 0  # let that many matching requests pass first
    seconds: float = 0.0
    status: int = 503
    name: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    match: dict[str, str] = Field(default_factory=dict)  # facts of the request that must be equal
    id: str = ""

    def meets(self, call: str, facts: Mapping[str, str]) -> bool:
        named = self.call in ("*", call) or (self.call.endswith("*") and call.startswith(self.call[:-1]))
        return named and all(facts.get(key) == value for key, value in self.match.items())


class FaultBook:
    """The armed faults of one account, in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._serial = 0

    def arm(self, fault: Fault) -> Fault:
        self._serial += 1
        armed = fault.model_copy(update={"id": f"fault-{self._serial}"})
        self._armed.append(armed)
        return armed

    def clear(self) -> None:
        self._armed.clear()

    def disarm(self, fault_id: str) -> bool:
        """Take one fault back; whether it was still armed."""
        left = [one for one in self._armed if one.id != fault_id]
        was_armed = len(left) < len(self._armed)
        self._armed = left
        return was_armed

    def armed(self) -> list[Fault]:
        return list(self._armed)

    def take(self, call: str, facts: Mapping[str, str], *, special: bool = False) -> Fault | None:
        """The first armed fault that meets this request, counted down; None when the request passes.

        `special` asks for the faults that the sandbox plays itself, otherwise they are left alone.
        """
        for fault in self._armed:
            if (fault.kind is FaultKind.SPECIAL) is not special or not fault.meets(call, facts):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times > 0:
                fault.times -= 1
                if fault.times == 0:
                    self._armed.remove(fault)
            return fault
        return None
