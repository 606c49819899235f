"""The four effects in one form, so that what holds for all of them is one test each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from domain.authorization.facts import HoldStanding
from domain.authorization.ports import AuthorizeRequest, HoldCaptureRequest, HoldProvider, HoldRefundRequest
from domain.authorization.ports import HoldVoidRequest as VoidRequest
from domain.errors import Misconfigured, NotSent
from domain.operations import operation_key
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier, Permits, SendPermit
from tests.contract.holds.stand import AMOUNT, Call, Effect, Held, Stand

FIRST = Earlier()
AGAIN = Earlier(sends=1, may_send=True, over=True)
ASK = Earlier(sends=1, may_send=False)
GIVEN_UP = Earlier(sends=1, may_send=False, over=True, withdrawn=True)
PART = 4_000

_references = count(1)


def reference() -> str:
    """A key as operations have it."""
    return operation_key(f"authorization/contract/{next(_references)}")


def may() -> None:
    """A permit that allows everything."""


def authorization(held: Held, amount_minor: int = AMOUNT, *, key: str = "", number: int = 2) -> AuthorizeRequest:
    """The hold that follows `held`."""
    return AuthorizeRequest(
        held.case, amount_minor, key or reference(), held.hold_id, held.case.instrument.scheme_reference, number
    )


def capture(held: Held, amount_minor: int = AMOUNT, *, key: str = "", before: int = 0) -> HoldCaptureRequest:
    """A capture of an invoice."""
    return HoldCaptureRequest(held.case, held.hold_id, amount_minor, key or reference(), before_minor=before)


def void(held: Held, *, key: str = "", captured: int = 0) -> VoidRequest:
    """The void of all that is held."""
    return VoidRequest(held.case, held.hold_id, held.amount_minor - captured, key or reference(), captured)


def refund(
    held: Held, amount_minor: int = AMOUNT, *, key: str = "", undo: bool = False, before: int = 0
) -> HoldRefundRequest:
    """The refund of a captured hold."""
    return HoldRefundRequest(held.case, held.hold_id, amount_minor, key or reference(), undo, before)


@dataclass(frozen=True)
class Doing:
    """One effect: on a hold that stands so, with what comes of it. `undo`: the capture is taken back."""

    call: Call
    on: HoldStanding
    undo: bool = False

    async def __call__(
        self,
        stand: Stand,
        held: Held,
        key: str,
        earlier: Earlier = FIRST,
        permit: SendPermit = may,
        provider: HoldProvider | None = None,
    ) -> OperationResult:
        """Carry it out; refused credentials and stops count as the recorder counts them."""
        asked, account = provider or stand.provider, stand.account
        try:
            match self.call:
                case Call.AUTHORIZE:
                    return await asked.authorize(account, authorization(held, key=key), earlier, permit)
                case Call.CAPTURE:
                    return await asked.capture(account, capture(held, key=key), earlier, permit)
                case Call.VOID:
                    return await asked.void(account, void(held, key=key), earlier, permit)
                case _:
                    return await asked.refund(account, refund(held, key=key, undo=self.undo), earlier, permit)
        except Misconfigured:
            return OperationResult(Outcome.NOT_SENT, "misconfigured")
        except NotSent as stop:
            return OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)

    def held(self, stand: Stand) -> Held:
        """A hold to do it with."""
        return stand.bring_about(self.on)

    def effect(self, stand: Stand, held: Held) -> Effect:
        """All that may come of it."""
        hold = stand.newest_hold(held) if self.call is Call.AUTHORIZE else held.hold_id
        return Effect(self.call, hold, AMOUNT, undone=self.undo and stand.traits.undoes)


DOINGS = {
    "authorize": Doing(Call.AUTHORIZE, HoldStanding.VOIDED),
    "capture": Doing(Call.CAPTURE, HoldStanding.HELD),
    "void": Doing(Call.VOID, HoldStanding.HELD),
    "refund": Doing(Call.REFUND, HoldStanding.CAPTURED),
    "undo": Doing(Call.REFUND, HoldStanding.CAPTURED, undo=True),
}
AFTERWARDS = tuple(name for name, doing in DOINGS.items() if doing.call is not Call.AUTHORIZE)  # what is done to a hold


@dataclass
class Asked:
    """Notes what a permit was asked for, and how much had reached the provider by then."""

    reached: Callable[[], int] = lambda: 0
    stop: NotSent | None = None
    stop_looks: NotSent | None = None
    asked: list[str] = field(default_factory=list)
    reached_then: list[int] = field(default_factory=list)

    @property
    def permits(self) -> Permits:
        return Permits(send=lambda: self._ask("send", self.stop), look=lambda: self._ask("look", self.stop_looks))

    def _ask(self, what: str, stop: NotSent | None) -> None:
        self.asked.append(what)
        self.reached_then.append(self.reached())
        if stop is not None:
            raise stop


def at(held: Held, hold_id: str, amount_minor: int) -> Held:
    """A later hold of the same case."""
    return replace(held, hold_id=hold_id, amount_minor=amount_minor)


def following(request: AuthorizeRequest, hold_id: str, scheme_reference: str) -> AuthorizeRequest:
    """The authorization that follows another hold than the first."""
    return replace(request, previous_hold_id=hold_id, scheme_reference=scheme_reference)
