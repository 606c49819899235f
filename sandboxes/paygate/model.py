"""Payments and their actions as an account keeps them. No rules here, see `steps` and the operations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandboxes.paygate.cards import Card

SUCCEEDED, PENDING, FAILED = "succeeded", "pending", "failed"
AUTHORIZE, SALE, VERIFY = "authorize", "sale", "verify"
CAPTURE, CREDIT, REVERSE, CANCELAUTH = "capture", "credit", "reverse", "cancelauth"
CALL_OF = {AUTHORIZE: "direct", SALE: "direct", VERIFY: "direct"}
MONEY_STEPS = (AUTHORIZE, SALE, CAPTURE, CREDIT)


@dataclass
class Action:
    """One step of a payment. Instants are ISO strings in UTC, amounts minor units."""

    no: int  # counts over the whole account
    xid: str
    kind: str
    amount: int
    asked: int  # the amount the request named; a reversal may undo another one
    at: str
    origin: str  # api, seed, back office, delay (the capture that Paygate makes itself some hours later)
    trans_id: str
    ref_nr: str
    req_id: str = ""
    user_data: str = ""
    state: str = PENDING
    code: str = ""
    code_ext: str = ""
    error_text: str = ""
    final_code: str = ""  # of a pending one, once it is decided
    due: str = ""  # when a pending one is decided by itself
    ignored: bool = False  # the reversal of a hold which the issuer does not carry out
    finish: bool = False  # FinishAuth
    target: str = ""  # the XID a reversal undoes
    undone_by: str = ""  # the XID of the reversal that undid it, or is about to

    @property
    def call(self) -> str:
        """The call that scripts name it by."""
        return CALL_OF.get(self.kind, self.kind)

    @property
    def status(self) -> str:
        """The status word of the answer."""
        if self.state == SUCCEEDED:
            return "AUTHORIZED" if self.kind == AUTHORIZE else "OK"
        return "PENDING" if self.state == PENDING else "FAILED"


@dataclass
class Payment:
    """One authorization and what became of it.

    A successful one keeps `authorized = open + reserved + captured + reversed + ignored + lapsed`, less what a
    reversal of a capture has put back.
    """

    pay_id: str
    trans_id: str
    ref_nr: str
    currency: str
    amount: int
    card: Card
    initiator: str
    created: str
    capture: str  # AUTO, MANUAL or hours
    sent_reference: str = ""  # the schemeReferenceID the request came with
    root_reference: str = ""  # that of the first authorization of its chain
    reference: str = ""  # its own
    approval_code: str = ""
    expires: str = ""  # end of the hold
    capture_at: str = ""  # when Paygate captures by itself
    stopped: str = ""  # ETM merchants only: why renewal has ended
    authorized: int = 0
    open: int = 0
    reserved: int = 0  # in captures that are pending
    captured: int = 0
    crediting: int = 0  # in credits that are pending
    credited: int = 0
    reversed: int = 0
    ignored: int = 0  # reversed for the merchant, still blocked at the issuer
    lapsed: int = 0
    actions: list[Action] = field(default_factory=list)

    def action(self, xid: str) -> Action | None:
        return next((one for one in self.actions if one.xid == xid), None)

    def last_step(self) -> Action | None:
        """The last action that took effect and is not undone (nor about to be)."""
        steps = (one for one in reversed(self.actions) if one.kind in MONEY_STEPS and one.amount)
        return next((one for one in steps if one.state == SUCCEEDED and not one.undone_by), None)

    def undoable(self) -> int:
        """How much a reversal would undo now: all of the last step, of an authorization what is still held."""
        step = self.last_step()
        return 0 if step is None else self.open if step.kind == AUTHORIZE else step.amount

    def revoked(self) -> bool:
        """Whether the authorization itself was reversed."""
        undone_by = self.action(self.actions[0].undone_by) if self.actions else None
        return undone_by is not None and undone_by.state == SUCCEEDED

    def pending(self) -> list[Action]:
        return [one for one in self.actions if one.state == PENDING]

    def count(self, call: str) -> int:
        """How many actions of a call it has had, successful or not."""
        return sum(1 for one in self.actions if one.call == call and one.origin != "delay")

    def expired(self, now: datetime) -> bool:
        """Whether the hold's time is over at `now`."""
        return bool(self.expires) and now >= datetime.fromisoformat(self.expires)

    @property
    def state(self) -> str:
        """One word for a person."""
        first = self.actions[0] if self.actions else None
        if first is None or first.state == FAILED:
            return "failed"
        if first.state == PENDING:
            return "pending"
        if self.open:
            return "held"
        if self.captured or self.reserved:
            return "captured"
        if self.reversed or self.ignored:
            return "reversed"
        return "lapsed" if self.lapsed else "verified"

    def dump(self) -> dict[str, Any]:
        """Written by hand: it runs with every request."""
        actions = [dict(one.__dict__) for one in self.actions]
        return {**self.__dict__, "card": dict(self.card.__dict__), "actions": actions}

    @classmethod
    def restore(cls, data: dict[str, Any]) -> "Payment":
        actions = [Action(**one) for one in data["actions"]]
        return cls(**{**data, "card": Card(**data["card"]), "actions": actions})
