"""Why something was not saved, in words for the person who wanted it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import HoldfastError, Misconfigured
from domain.parties import ChangedMeanwhile, Tenant
from domain.tenant_config import InvalidConfiguration


class Why(StrEnum):
    """The kinds of refusals."""

    INVALID = "invalid"  # what was given is wrong
    MISSING = "missing"  # there is no such thing
    CONFLICT = "conflict"  # it does not go together with what is saved
    OUTDATED = "outdated"  # somebody else has changed it meanwhile
    LATER = "later"  # it cannot be found out now


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one of several fields, and what to do about it."""

    field: str
    message: str
    what_to_do: str


class Refused(HoldfastError):
    """Nothing was saved. `code` is for programs, `message` and `what_to_do` for people; none of them holds a secret.

    `faults`: every field that is wrong, where several were looked at together.
    """

    def __init__(self, why: Why, code: str, message: str, what_to_do: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(f"{message} {what_to_do}")
        self.why = why
        self.code = code
        self.message = message
        self.what_to_do = what_to_do
        self.faults = faults


@dataclass(frozen=True)
class Hint:
    """Something that the person who saves should know; it stops nothing."""

    code: str
    sentence: str


def invalid(field: str, message: str, what_to_do: str = "Correct it and save again.") -> Refused:
    """A field holds what it cannot hold."""
    return Refused(Why.INVALID, f"invalid_{field}", message, what_to_do)


def faulty(faults: Sequence[tuple[str, str]]) -> Refused:
    """Several fields hold what they cannot hold: the names of the fields, each with a sentence that may have its remedy
    behind a colon. There is at least one."""
    found = tuple(FieldFault(field, *_parted(sentence)) for field, sentence in faults)
    first = found[0]
    return Refused(Why.INVALID, f"invalid_{first.field}", first.message, first.what_to_do, found)


def existing_tenant(tenant_id: str, found: Tenant | None) -> Tenant:
    """The tenant, or the refusal that there is none."""
    if found is None:
        raise Refused(
            Why.MISSING, "unknown_tenant", f"There is no tenant {tenant_id}.", "Add the tenant first, or check its id."
        )
    return found


@contextmanager
def explained() -> Iterator[None]:
    """What values, directory and vault refuse, as a refusal with two sentences."""
    try:
        yield
    except ChangedMeanwhile as error:
        raise Refused(Why.OUTDATED, "changed_meanwhile", *_parted(str(error))) from None
    except InvalidConfiguration as error:
        raise Refused(Why.INVALID, "invalid_setting", *_parted(str(error))) from None
    except Misconfigured as error:  # a secret that is gone or was sealed with a key that is not there
        raise Refused(Why.CONFLICT, "secret_unusable", *_parted(str(error))) from None


def _parted(text: str) -> tuple[str, str]:
    message, _, remedy = text.partition(": ")
    return _sentence(message), _sentence(remedy or "correct it and save again")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
