"""Faults of the SMTP side, taken one by one as mails arrive."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class MailFaultKind(StrEnum):
    """What happens to the next connection or mail."""

    REJECT_TEMPORARY = "reject_temporary"  # 451 after the data, nothing is kept
    REJECT_PERMANENT = "reject_permanent"  # 550 after the data, nothing is kept
    DROP_AFTER_DATA = "drop_after_data"  # the mail is kept, then the connection is cut without an answer
    REFUSE = "refuse"  # the connection is cut before the greeting


class MailFault(BaseModel):
    """One armed fault; `to` limits it to mails with such a recipient (not for `refuse`)."""

    model_config = ConfigDict(extra="forbid")

    kind: MailFaultKind
    times: Annotated[int, Field(ge=-1)] = 1  # -1 = until cleared
    to: str = ""


class MailFaults:
    """The armed faults in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: list[MailFault] = []

    def arm(self, fault: MailFault) -> None:
        if fault.times != 0:
            self._armed.append(fault.model_copy())

    def armed(self) -> list[MailFault]:
        return list(self._armed)

    def clear(self) -> None:
        self._armed.clear()

    def refuses(self) -> bool:
        """Whether the connection that just came in is cut."""
        return self._take(lambda one: one.kind is MailFaultKind.REFUSE) is not None

    def for_mail(self, recipients: list[str]) -> MailFaultKind | None:
        """What happens to a mail for `recipients`."""
        found = self._take(
            lambda one: (
                one.kind is not MailFaultKind.REFUSE
                and any(one.to.casefold() in address.casefold() for address in recipients)
            )
        )
        return found.kind if found is not None else None

    def _take(self, meets: Callable[[MailFault], bool]) -> MailFault | None:
        for fault in self._armed:
            if not meets(fault):
                continue
            if fault.times > 0:
                fault.times -= 1
                if fault.times == 0:
                    self._armed.remove(fault)
            return fault
        return None
