"""Operations on holds. Their ids derive from business facts, as those of orders do: the n-th hold is authorized once,
each hold is voided once, each request of a merchant is carried out once."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.operations import Cause, Kind, Note, operation_id


class ExtensionKind(StrEnum):
    """The two ways in which a hold follows another."""

    RENEWAL = "renewal"  # the open amount, so that it does not lapse
    SPLIT = "split"  # the remainder after a partial capture


@dataclass(frozen=True)
class HoldOperation:
    """One effect on a hold that is due.

    `hold_id` is the provider's id of the hold it is about; of an authorization that of the hold before. `hold` counts
    the holds of the authorization from 1. `final`: a capture that gives up the rest. `undo`: a refund that takes back
    a whole capture as if it had not been. `request_id`: whose action it belongs to; '' is our own doing.
    """

    kind: Kind
    subject: str
    attempt: int = 1
    amount_minor: int | None = None
    currency: str = ""
    hold_id: str = ""
    hold: int = 0
    final: bool = False
    undo: bool = False
    extension: ExtensionKind | None = None
    request_id: str = ""
    reference: str = ""
    cause: Cause | None = None
    concerns: str = ""
    grants: int = 0
    only_ask: bool = False
    note: Note = field(default_factory=lambda: Note(""))

    def id_within(self, workflow_id: str) -> str:
        return operation_id(workflow_id, self.kind, self.subject, self.attempt)


def hold_subject(number: int) -> str:
    """Subject of operations that concern the `number`-th hold as a whole."""
    return f"hold-{number}"
