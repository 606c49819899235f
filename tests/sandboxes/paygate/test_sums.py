"""Whatever happens in whatever order, the amounts of a payment add up, and a restart changes nothing."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.fields import Refused
from sandboxes.paygate.model import CAPTURE, CREDIT, SUCCEEDED, Payment
from sandboxes.paygate.operations import finish, look, perform
from sandboxes.paygate.scripts import Script
from sandboxes.paygate.seeding import Seed, seed
from sandboxes.paygate.server import Server
from sandboxes.paygate.settings import MerchantSettings
from sandboxes.paygate.steps import API, Wanted
from tests.sandboxes.paygate.conftest import START

CALLS = ("capture", "credit", "reverse")
CODES = ("0000", "0000", "0305", "61000309")


def step(account: PaygateAccount, payment: Payment, dice: random.Random) -> None:
    """One thing that may happen to a payment."""
    what = dice.choice([*CALLS, *CALLS, "time", "script", "finish"])
    if what == "time":
        account.clock.set(account.now() + timedelta(hours=dice.choice([1, 30, 80])), frozen=True)
        account.agenda.run_due()
    elif what == "script":
        after = dice.choice([None, 3600.0])
        ignored = dice.random() < 0.3
        call = dice.choice(CALLS)
        account.scripts.add(
            Script(call=call, code=dice.choice(CODES), final_after_seconds=after, ignored_by_issuer=ignored)
        )
    elif what == "finish" and payment.pending():
        finish(account, payment, dice.choice(payment.pending()), dice.choice(["00000000", "21000391"]))
    elif what in CALLS:
        amount = dice.choice([100, 400, payment.undoable(), payment.open, payment.captured])
        req_id = dice.choice(["", "", f"r{dice.randrange(5)}"])
        perform(account, Wanted(what, API, pay_id=payment.pay_id, amount=amount, req_id=req_id))


def check(payment: Payment) -> None:
    """Every amount is somewhere, and none is negative."""
    parts = (payment.open, payment.reserved, payment.captured, payment.reversed, payment.ignored, payment.lapsed)
    assert sum(parts) == payment.authorized
    assert min(*parts, payment.credited, payment.crediting) >= 0
    assert payment.credited + payment.crediting <= payment.captured
    sums = {
        kind: sum(one.amount for one in payment.actions if one.kind == kind and one.state == SUCCEEDED)
        - sum(one.amount for one in payment.actions if one.kind == kind and one.undone_by and _undone(payment, one.xid))
        for kind in (CAPTURE, CREDIT)
    }
    assert (sums[CAPTURE], sums[CREDIT]) == (payment.captured, payment.credited)


def _undone(payment: Payment, xid: str) -> bool:
    return any(one.target == xid and one.state == SUCCEEDED for one in payment.actions)


@pytest.mark.parametrize("number", range(40))
def test_amounts_add_up(number: int, tmp_path: Path) -> None:
    """Captures, credits, reversals, pending ones, ignoring issuers and passing time, in any order."""
    dice = random.Random(number)
    server = Server(tmp_path / "paygate.db")
    account = server.put("sums", MerchantSettings(small_amounts=dice.random() < 0.5, etm=dice.random() < 0.3))
    account.clock.follow(0)
    account.clock.set(account.now().fromisoformat(START), frozen=True)
    payment = seed(account, Seed(amount_minor=1000))
    for _ in range(40):
        try:
            step(account, payment, dice)
        except Refused as refused:
            raise AssertionError(f"run {number}: {refused}") from refused
        check(look(account, payment))
        account.touch()
    again = Server(tmp_path / "paygate.db").find("sums")
    assert again is not None
    assert again.dump() == account.dump()
    assert (again.effects, again.violations) == (account.effects, account.violations)
    assert again.next_event() == account.next_event()
    assert again.counts == account.counts
    effects = {kind: _sum(account, kind) for kind in ("authorized", "captured", "credited", "lapsed")}
    undone = {kind: _sum(account, "reversed", undone=kind) for kind in ("authorize", "capture", "credit")}
    assert effects["captured"] - undone["capture"] == payment.captured
    assert effects["credited"] - undone["credit"] == payment.credited
    assert effects["authorized"] == payment.authorized
    assert (effects["lapsed"], undone["authorize"]) == (payment.lapsed, payment.reversed)


def _sum(account: PaygateAccount, kind: str, **facts: str) -> int:
    found = [one for one in account.effects if one["kind"] == kind]
    return sum(one["amount_minor"] for one in found if all(one[key] == value for key, value in facts.items()))
