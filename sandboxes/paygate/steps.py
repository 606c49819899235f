"""The frame of every action: who asks, what the acquirer says, and an action that ends at once or stays pending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sandboxes.paygate import agenda, codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.model import CAPTURE, CREDIT, FAILED, REVERSE, SUCCEEDED, Action, Payment

API, SEED, BACK_OFFICE, DELAY = "api", "seed", "back office", "delay"
SIMULATION = "test:"
STOPS_BY_FAILURE = (CAPTURE, CREDIT, REVERSE)
FORBIDDING_ADVICE = ("03", "21")


@dataclass(frozen=True)
class Wanted:
    """A request as it is carried out, wherever it came from. `fields` by lower-case name, empty for hooks."""

    call: str
    origin: str
    pay_id: str = ""
    trans_id: str = ""
    ref_nr: str = ""
    amount: int = 0
    currency: str = ""
    req_id: str = ""
    order_desc: str = ""
    user_data: str = ""
    finish: bool = False
    extra: Mapping[str, str] | None = None

    @classmethod
    def by_api(cls, call: str, fields: Mapping[str, str]) -> "Wanted":
        """What a validated request asks for."""
        return cls(
            call,
            API,
            pay_id=fields.get("payid", "").lower(),
            trans_id=fields.get("transid", ""),
            ref_nr=fields.get("refnr", ""),
            amount=int(fields.get("amount") or 0),
            currency=fields.get("currency", "").upper(),
            req_id=fields.get("reqid", ""),
            order_desc=fields.get("orderdesc", ""),
            user_data=fields.get("userdata", ""),
            finish=fields.get("finishauth") == "Y",
            extra=fields,
        )


@dataclass(frozen=True)
class Verdict:
    """What the acquirer says to an action that the rules allow."""

    code: str = codes.SUCCESS
    code_ext: str = ""
    error_text: str = ""
    final_code: str = ""
    final_after: float | None = None
    ignored: bool = False


@dataclass(frozen=True)
class Step:
    """What one kind of action does to its payment. `check` gives the code of a refusal, or an empty string."""

    check: Callable[[PaygateAccount, Payment, Action, Wanted], str]
    reserve: Callable[[Payment, Action], None]
    succeed: Callable[[PaygateAccount, Payment, Action], str]  # gives the code of a refusal that came up meanwhile
    fail: Callable[[PaygateAccount, Payment, Action], None]


def new_action(account: PaygateAccount, payment: Payment, kind: str, wanted: Wanted) -> Action:
    """An action of a payment, numbered but not yet among its actions."""
    account.actions += 1
    return Action(
        no=account.actions,
        xid=account.ids.hex32(),
        kind=kind,
        amount=wanted.amount,
        asked=wanted.amount,
        at=account.now().isoformat(),
        origin=wanted.origin,
        trans_id=wanted.trans_id or payment.trans_id,
        ref_nr=wanted.ref_nr or payment.ref_nr,
        req_id=wanted.req_id,
        user_data=wanted.user_data,
        finish=wanted.finish,
    )


def carry_out(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted, step: Step) -> None:
    """Check an action, ask the acquirer, and let it take effect, fail or stay pending."""
    nth = account.numbers(action.call, payment)
    refusal = step.check(account, payment, action, wanted)
    account.add_action(payment, action)
    if refusal:
        action.state, action.code = FAILED, refusal
        note_failure(account, payment, action)
        return
    verdict = _verdict(account, payment, action, wanted, nth)
    action.code, action.code_ext, action.error_text = verdict.code, verdict.code_ext, verdict.error_text
    action.ignored = verdict.ignored
    step.reserve(payment, action)
    if not codes.pending(verdict.code):
        settle(account, payment, action, step, verdict.code)
        return
    action.final_code = verdict.final_code or codes.SUCCESS
    if verdict.final_after is not None:
        due = account.later(verdict.final_after)
        action.due = due.isoformat()
        account.agenda.put(due, agenda.FINAL, payment.pay_id, action.xid)


def settle(account: PaygateAccount, payment: Payment, action: Action, step: Step, code: str) -> None:
    """Give an action its final result."""
    account.changed[payment.pay_id] = payment
    action.code, action.due = code, ""
    if codes.succeeded(code):
        refusal = step.succeed(account, payment, action)
        if not refusal:
            action.state = SUCCEEDED
            return
        action.code = refusal
    step.fail(account, payment, action)
    action.state = FAILED
    note_failure(account, payment, action)


def note_failure(account: PaygateAccount, payment: Payment, action: Action) -> None:
    """What a failed action leaves behind: no more renewal for ETM merchants, advice that forbids another attempt."""
    if action.kind in STOPS_BY_FAILURE:
        stop_renewal(account, payment, f"failed_{action.kind}")
    if action.call == "direct" and action.code_ext in FORBIDDING_ADVICE:
        account.stopped_cards[payment.card.pseudo_number] = action.code_ext


def stop_renewal(account: PaygateAccount, payment: Payment, reason: str) -> None:
    """Note why the renewal of an ETM merchant's payment ended; the first reason stays."""
    if account.settings.etm and not payment.stopped:
        payment.stopped = reason
        account.changed[payment.pay_id] = payment


def lapse(account: PaygateAccount, payment: Payment, reason: str, at: datetime | None = None) -> None:
    """What is still held runs out, and so does what an issuer kept although it was reversed."""
    amount = payment.open + payment.ignored
    if amount == 0:
        return
    payment.open = payment.ignored = 0
    payment.lapsed += amount
    account.money("lapsed", payment, amount, reason=reason)
    if at is not None:
        account.effects[-1]["at"] = at.isoformat()


def expire(account: PaygateAccount, payment: Payment) -> None:
    """Let a hold whose time is over lapse; nothing happens to any other."""
    if payment.expired(account.now()):
        lapse(account, payment, "expired", datetime.fromisoformat(payment.expires))


def facts_of(action: Action) -> dict[str, str]:
    """Which action an effect comes from."""
    return {"xid": action.xid, "origin": action.origin, "req_id": action.req_id}


def _verdict(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted, nth: dict[str, int]) -> Verdict:
    if wanted.origin == DELAY:
        return Verdict()
    script = account.scripts.take(action.call, pay_id=payment.pay_id, trans_id=payment.trans_id, nth=nth)
    ignored = action.kind == REVERSE and account.settings.issuer_ignores_reversals
    if script is not None:
        return Verdict(
            script.code,
            script.code_ext,
            script.error_text,
            script.final_code,
            script.final_after_seconds,
            ignored or script.ignored_by_issuer,
        )
    return Verdict(_simulated(wanted.order_desc) or codes.SUCCESS, ignored=ignored)


def _simulated(order_desc: str) -> str:
    """The code that an order description asks for: `Test:` and four digits at its beginning."""
    reason = order_desc[len(SIMULATION) : len(SIMULATION) + 4]
    if not order_desc.lower().startswith(SIMULATION) or len(reason) < 4 or not reason.isdigit():
        return ""
    return codes.complete(reason)
