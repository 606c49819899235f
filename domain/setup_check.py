"""The check of a merchant's setup: what was found out, judged as pass, warn, fail or *ask a person*.

What no call of the ERP tells is judged by recent orders and invoices. Where nothing was seen a person is asked: a
verdict without evidence would be a guess. The sentences stand in `domain.setup_check_wording`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.erp_probe import ErpFeature, ErpFindings, ErpInstalled, ErpPaymentType, ErpProfile, EventSeen, Need, Seen


class Verdict(StrEnum):
    """How one point of the check came out."""

    PASS = "pass"
    WARN = "warn"  # orders are looked after, but something works less well or may go wrong
    FAIL = "fail"  # orders cannot be looked after properly
    ASK = "ask"  # nothing tells: a person has to look


@dataclass(frozen=True)
class CheckPoint:
    """One point: its code, what it is about ('' for the tenant), how it came out and the facts of the sentence."""

    code: str
    verdict: Verdict
    subject: str = ""
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class KeysFound:
    """What is known of a configuration's key pair.

    `problem` is '' when the provider confirmed it; `live`: the keys move real money; `wanted_live`: the connection
    carries real orders. `asked` False: the provider gave no answer.
    """

    problem: str = ""
    live: bool = False
    wanted_live: bool = False
    asked: bool = True


class CallbackState(StrEnum):
    """Whether the provider calls us."""

    REGISTERED = "registered"
    CREATED = "created"  # just now
    MISSING = "missing"
    UNKNOWN = "unknown"  # the provider could not be asked


def judge_calls(subject: str, installed: ErpInstalled) -> CheckPoint:
    """Whether the calls that Holdfast needs are installed in the ERP's database."""
    required = _names(one for one in installed.missing if one.need is Need.REQUIRED)
    degraded = _names(one for one in installed.missing if one.need is Need.DEGRADED)
    if required:
        return CheckPoint("calls", Verdict.FAIL, subject, (("missing", required),))
    if degraded:
        return CheckPoint("calls", Verdict.WARN, subject, (("missing", degraded),))
    return CheckPoint("calls", Verdict.PASS, subject)


def judge_profile(subject: str, profile: ErpProfile) -> CheckPoint:
    """Which release line the ERP is of, and what that one lacks."""
    lacks = ", ".join(f"{one.name} ({one.since})" for one in profile.lacks)
    if lacks:
        return CheckPoint("version", Verdict.WARN, subject, (("line", profile.line), ("lacks", lacks)))
    return CheckPoint("version", Verdict.PASS, subject, (("line", profile.line),))


def judge_payment_type(subject: str, code: str, tag: str, offered: Sequence[ErpPaymentType]) -> Iterator[CheckPoint]:
    """Whether the configured payment type still exists in the ERP, and carries the configured tag."""
    found = next((one for one in offered if one.code == code), None)
    if found is None:
        yield CheckPoint("payment_type", Verdict.FAIL, subject, (("code", code),))
        return
    yield CheckPoint("payment_type", Verdict.PASS, subject, (("code", code),))
    facts = (("configured", tag), ("found", found.xml_tag))
    if not found.xml_tag:
        yield CheckPoint("xml_tag", Verdict.ASK, subject, facts[:1])
    elif found.xml_tag == tag:
        yield CheckPoint("xml_tag", Verdict.PASS, subject, facts[:1])
    else:
        yield CheckPoint("xml_tag", Verdict.FAIL, subject, facts)


def judge_findings(subject: str, found: ErpFindings, invoice_event: str, return_event: str) -> Iterator[CheckPoint]:
    """What recent orders, invoices and bookings say about settings that no call tells."""
    yield _expected("hold_import", subject, found.held)
    yield _payment_id(subject, found)
    yield _unexpected("paid_flag", subject, found.paid_before_invoice)
    yield _unexpected("automatic_clearing", subject, found.settled_elsewhere)
    yield CheckPoint("direct_charge", Verdict.ASK, subject)
    events = {one.event.upper(): one for one in found.events}
    yield _sign("invoice_event", subject, invoice_event, events.get(invoice_event.upper()))
    yield _sign("return_event", subject, return_event, events.get(return_event.upper()))
    yield CheckPoint("invoice_template", Verdict.ASK, subject)  # rule P24


def judge_keys(subject: str, keys: KeysFound) -> Iterator[CheckPoint]:
    """Whether the key pair is valid, and on the side where it belongs."""
    if not keys.asked:
        yield CheckPoint("keys", Verdict.ASK, subject)
    elif keys.problem:
        yield CheckPoint("keys", Verdict.FAIL, subject, (("problem", keys.problem),))
    else:
        yield CheckPoint("keys", Verdict.PASS, subject)
    if keys.wanted_live and not keys.live:
        yield CheckPoint("key_side", Verdict.FAIL, subject)
    elif keys.live and not keys.wanted_live:
        yield CheckPoint("key_side", Verdict.WARN, subject)
    else:
        yield CheckPoint("key_side", Verdict.PASS, subject)


def judge_callback(subject: str, state: CallbackState) -> CheckPoint:
    """Whether the provider tells us what happens to a payment."""
    verdicts = {
        CallbackState.REGISTERED: Verdict.PASS,
        CallbackState.CREATED: Verdict.PASS,
        CallbackState.MISSING: Verdict.WARN,
        CallbackState.UNKNOWN: Verdict.ASK,
    }
    return CheckPoint("callback", verdicts[state], subject, (("state", state.value),))


def worst(points: Sequence[CheckPoint]) -> Verdict:
    """The gravest verdict: fail before warn before *ask* before pass."""
    order = (Verdict.FAIL, Verdict.WARN, Verdict.ASK, Verdict.PASS)
    return min((one.verdict for one in points), key=order.index, default=Verdict.PASS)


def _names(features: Iterator[ErpFeature]) -> str:
    return ", ".join(f"{one.call}({one.parameter})" if one.parameter else one.call for one in features)


def _expected(code: str, subject: str, seen: Seen) -> CheckPoint:
    """What was seen is as it should be; not having seen it proves nothing."""
    if seen.count:
        return CheckPoint(code, Verdict.PASS, subject, _counted(seen))
    return CheckPoint(code, Verdict.ASK, subject)


def _unexpected(code: str, subject: str, seen: Seen) -> CheckPoint:
    """What was seen should not be; having looked without seeing it is a good sign."""
    if seen.count:
        return CheckPoint(code, Verdict.FAIL, subject, (*_counted(seen), ("orders", ", ".join(seen.samples))))
    if seen.of:
        return CheckPoint(code, Verdict.PASS, subject, _counted(seen))
    return CheckPoint(code, Verdict.ASK, subject)


def _payment_id(subject: str, found: ErpFindings) -> CheckPoint:
    lacking = found.without_payment_id
    if not lacking.of:
        return CheckPoint("payment_id", Verdict.ASK, subject)
    if not lacking.count:
        return CheckPoint("payment_id", Verdict.PASS, subject, _counted(found.with_payment_id))
    facts = (*_counted(lacking), ("orders", ", ".join(lacking.samples)))
    return CheckPoint("payment_id", Verdict.WARN if found.with_payment_id.count else Verdict.FAIL, subject, facts)


def _sign(code: str, subject: str, event: str, seen: EventSeen | None) -> CheckPoint:
    named = (("event", event),)
    if not event:
        return CheckPoint(code, Verdict.FAIL, subject, named)
    right, wrong = 0, 0
    if seen is not None and code == "invoice_event":
        right, wrong = seen.on_invoices_positive, seen.on_invoices_negative
    elif seen is not None:
        right, wrong = seen.on_credit_notes_negative, seen.on_credit_notes_positive
    if wrong:
        return CheckPoint(code, Verdict.FAIL, subject, named)
    return CheckPoint(code, Verdict.PASS if right else Verdict.ASK, subject, named)


def _counted(seen: Seen) -> tuple[tuple[str, str], ...]:
    return (("count", str(seen.count)), ("of", str(seen.of)))
