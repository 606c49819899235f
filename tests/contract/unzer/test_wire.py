"""Requests as they leave, and answers that the sandbox never gives: old payloads, contradictions, strange addresses."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain import reasons
from domain.errors import Transient
from domain.facts import PaymentSnapshot, Standing
from domain.operations import Cause
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import REFERENCE, refund_for, request_for, shipment_for, void_for
from tests.contract.unzer.recorded import PAYMENT, adapter, listed, payment, transaction

SECOND = Earlier(sends=1)


def _read(*answers: dict[str, Any]) -> PaymentSnapshot:
    left = list(answers)
    return adapter(lambda _: httpx.Response(200, json=left.pop(0))).read_payment("main", PAYMENT)


def _capture(*answers: httpx.Response | dict[str, Any], earlier: Earlier = Earlier()) -> OperationResult:
    left = [one if isinstance(one, httpx.Response) else httpx.Response(200, json=one) for one in answers]
    result = adapter(lambda _: left.pop(0)).capture("main", request_for(PAYMENT), earlier, lambda: None)
    assert left == []
    return result


def test_a_capture_as_it_leaves() -> None:
    """Path below the base path, amount as a decimal string, our references, English answers wanted."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201, json=transaction())

    adapter(handler).capture("main", request_for(PAYMENT, 4_550), Earlier(), lambda: None)
    (request,) = sent
    assert request.method == "POST"
    assert str(request.url) == f"https://provider.example/gateway/v1/payments/{PAYMENT}/charges"
    assert request.headers["Accept-Language"] == "en"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Basic cy1wcml2LXg6"
    assert json.loads(request.content) == {
        "amount": "45.50",
        "orderId": "SO-1",
        "invoiceId": "RE-2027-1",
        "paymentReference": REFERENCE,
    }


def test_a_found_transaction_is_read_from_our_host() -> None:
    """The provider's addresses name another host: only their path counts, and our key goes nowhere else."""
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        found = len(asked) == 1
        body = payment(listed("charge", "charges/s-chg-1")) if found else transaction(paymentReference=REFERENCE)
        return httpx.Response(200, json=body)

    result = adapter(handler).capture("main", request_for(PAYMENT), SECOND, lambda: None)
    assert result.evidence.reference == "charges/s-chg-1"
    home = f"https://provider.example/gateway/v1/payments/{PAYMENT}"
    assert asked == [home, f"{home}/charges/s-chg-1"]


@pytest.mark.parametrize(
    "url",
    [
        "https://sbx-api.unzer.com/v1/payments/s-pay-8/charges/s-chg-1",
        f"https://sbx-api.unzer.com/v1/payments/{PAYMENT}/../s-pay-8/charges/s-chg-1",
        f"https://sbx-api.unzer.com/v1/payments/{PAYMENT}/charges/s-chg-1%2f..",
        f"https://sbx-api.unzer.com/v1/payments/{PAYMENT}",
        "charges/s-chg-1",
        "https://[broken",
        "",
        None,
    ],
)
def test_a_charge_elsewhere_is_neither_read_nor_ignored(url: str | None) -> None:
    """A charge of our amount whose address is not below the payment may be ours: nothing is sent."""
    strange = {**listed("charge", "charges/s-chg-1"), "url": url}
    assert _capture(payment(strange), earlier=SECOND) == OperationResult(Outcome.UNKNOWN, reasons.BAD_ANSWER)


def test_a_redirect_is_not_followed() -> None:
    """No key travels to where an answer points."""
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(Transient):
        adapter(handler).read_payment("main", PAYMENT)
    assert len(asked) == 1


def test_cookies_are_not_kept() -> None:
    """Accounts share connections but nothing that an answer wants remembered."""
    cookies: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        cookies.append(request.headers.get("Cookie"))
        return httpx.Response(200, json=payment(), headers={"Set-Cookie": "session=1"})

    payments = adapter(handler)
    for _ in range(2):
        payments.read_payment("main", PAYMENT)
    assert cookies == [None, None]


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [("120", 2), ("999999", 60), ("", 1), ("-5", 1), ("soon", 1), ("²", 1), ("9" * 50, 1), ("Mon, 04 Jan 2027", 1)],
)
def test_the_pause_after_too_many_requests(asked: str, minutes: int) -> None:
    """The provider's wish counts within an hour; what is no number of seconds means a minute."""
    before = datetime.now(UTC)
    result = _capture(httpx.Response(429, headers={b"Retry-After": asked.encode()}))
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.RATE)
    assert result.retry_at is not None
    assert timedelta(0) <= result.retry_at - before - timedelta(minutes=minutes) < timedelta(seconds=20)


@pytest.mark.parametrize(
    ("flags", "standing"),
    [
        ({"isSuccess": True}, Standing.ACCEPTED),
        ({"isPending": True}, Standing.PENDING),
        ({"isResumed": True}, Standing.PENDING),
        ({"isError": True}, Standing.DECLINED),
    ],
)
@pytest.mark.parametrize("status", [None, "", "something new"])
@pytest.mark.rule("P10")
def test_a_list_without_statuses_is_completed_by_asking(
    flags: dict[str, bool], standing: Standing, status: str | None
) -> None:
    """Old payments list no status: the initiating transaction itself is asked, and its flags decide."""
    silent = payment(listed("authorize", "authorize/s-aut-1", status=status))
    none = dict.fromkeys(("isSuccess", "isPending", "isResumed", "isError"), False)
    assert _read(silent, transaction("s-aut-1", **{**none, **flags})).standing is standing


def test_a_resumed_authorization_is_pending() -> None:
    """The customer came back, the shop has not finished yet."""
    assert _read(payment(listed("authorize", "authorize/s-aut-1", status="resumed"))).standing is Standing.PENDING


def test_a_second_authorization_attempt_counts() -> None:
    """A refused first attempt does not speak against the one that succeeded."""
    tried = (listed("authorize", "authorize/s-aut-1", status="error"), listed("authorize", "authorize/s-aut-2"))
    assert _read(payment(*tried)).standing is Standing.ACCEPTED


def test_a_canceled_state_with_an_untouched_authorization_is_voided() -> None:
    """An expiry may change the state only."""
    assert _read(payment(state={"id": 2, "name": "canceled"})).standing is Standing.VOIDED


def test_kinds_that_do_not_count_are_skipped() -> None:
    """Shipments, payouts and what will come one day neither fail the reading nor change a sum."""
    others = [listed(kind, f"others/s-oth-{number}", "") for number, kind in enumerate(("shipment", "payout", "new"))]
    picture = _read(payment(listed("authorize", "authorize/s-aut-1"), *others, {"type": None}))
    assert (picture.standing, picture.charged_back_minor, picture.received_minor) == (Standing.ACCEPTED, 0, 0)


def test_a_chargeback_in_the_singular_path_counts() -> None:
    """One old fixture spells the path in the singular and shortens the id otherwise."""
    taken_back = listed("chargeback", "charges/s-chg-1/chargeback/s-cgb-1", "19.9000")
    assert _read(payment(listed("charge", "charges/s-chg-1"), taken_back)).charged_back_minor == 1_990


def _prepayment(*transactions: dict[str, Any], charged: str) -> PaymentSnapshot:
    return _read(payment(*transactions, type_id="s-ppy-abcdefghijkl", amount={"charged": charged}))


def test_transfers_count_in_any_order_of_the_list() -> None:
    """The first charge is told by its number, not by its place in the list."""
    first = listed("charge", "charges/s-chg-1", status="pending")
    assert _prepayment(listed("charge", "charges/s-chg-2"), first, charged="119.9000").received_minor == 11_990


def test_a_first_charge_that_turned_successful_is_not_counted_beside_its_transfers() -> None:
    """Once the sum has arrived the waiting charge may read as done: the money is there once."""
    charges = (listed("charge", "charges/s-chg-1"), listed("charge", "charges/s-chg-2"))
    assert _prepayment(*charges, charged="119.9000").received_minor == 11_990
    assert _prepayment(charges[0], charged="119.9000").received_minor == 11_990


def test_more_than_the_payment_says_was_charged_has_not_arrived() -> None:
    """Goods are released upon this sum: of two numbers the smaller one counts."""
    charges = (listed("charge", "charges/s-chg-1", status="pending"), listed("charge", "charges/s-chg-2"))
    assert _prepayment(*charges, charged="10.0000").received_minor == 1_000


def test_a_reduced_first_charge_gives_no_transfer_back() -> None:
    """However its cancellation is listed, cancelling what was awaited takes nothing from what has arrived."""
    first = listed("charge", "charges/s-chg-1", status="pending")
    arrived, reduced = listed("charge", "charges/s-chg-2", "100.0000"), "charges/s-chg-1/cancels/s-cnl-1"
    picture = _prepayment(first, arrived, listed("cancel-charge", reduced, "19.9000"), charged="100.0000")
    assert picture.received_minor == 10_000
    refunded = listed("cancel-charge", "charges/s-chg-2/cancels/s-cnl-1", "30.0000")
    assert _prepayment(first, arrived, refunded, charged="100.0000").received_minor == 7_000


def test_a_failed_transfer_has_not_arrived() -> None:
    """Only successful charges are money."""
    failed = listed("charge", "charges/s-chg-2", status="error")
    first = listed("charge", "charges/s-chg-1", status="pending")
    assert _prepayment(first, failed, charged="119.9000").received_minor == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": ""},
        {"currency": "eur"},
        {"currency": None},
        {"id": ""},
        {"amount": None},
        {"amount": {"total": ""}},
        {"amount": {"remaining": "1.005"}},
        {"amount": {"charged": "NaN"}},
        {"amount": {"charged": True}},
        {"transactions": {"first": "text"}},
        {"transactions": ["text"]},
        {"transactions": [listed("charge", "charges/s-chg-1", "")]},
    ],
)
def test_a_payment_that_cannot_be_relied_on_is_not_used(broken: dict[str, Any]) -> None:
    """A missing amount or currency is a failed read, never a zero."""
    whole = payment()
    if isinstance(broken.get("amount"), dict):
        broken = {"amount": {**whole["amount"], **broken["amount"]}}
    with pytest.raises(Transient, match="bad_answer"):
        _read({**whole, **broken})


@pytest.mark.parametrize(
    "answer",
    [
        transaction(isSuccess=False),
        transaction(isPending=True),
        transaction(isError=True),
        transaction(isSuccess="true"),
        transaction(errors=[{"code": "API.330.100.007"}]),
        transaction(errors="none"),
        transaction(amount=""),
        transaction(amount="119.905"),
        transaction(id=""),
        transaction(id="../s-chg-1"),
        {},
        [],
        None,
        "OK",
    ],
)
def test_a_contradictory_answer_proves_nothing(answer: Any) -> None:
    """An answer that does not say clearly what became of the capture leaves it unknown."""
    result = _capture(httpx.Response(200, json=answer))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)


@pytest.mark.parametrize("content", [b"", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": 1e999999999999}', b"{" * 9])
def test_bytes_that_are_no_answer(content: bytes) -> None:
    """What is not JSON, or nested beyond all sense, is no answer."""
    result = _capture(httpx.Response(200, content=content))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)


def test_a_broken_encoding_is_no_answer() -> None:
    """A body that cannot be unpacked proves nothing."""
    result = _capture(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)


def test_a_success_with_a_failing_status_proves_nothing() -> None:
    """Body and status contradict each other."""
    result = _capture(httpx.Response(400, json=transaction()))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)


@pytest.mark.parametrize("body", [{"isError": True}, {}, {"detail": "Not Found"}, {"errors": [{"text": "no code"}]}])
def test_a_bare_404_is_not_a_missing_payment(body: dict[str, Any]) -> None:
    """Without a code of the provider's, a wrong address may have answered."""
    with pytest.raises(Transient, match="bad_answer"):
        adapter(lambda _: httpx.Response(404, json=body)).read_payment("main", PAYMENT)


def test_an_error_that_bears_the_id_of_a_charge_is_not_that_charge() -> None:
    """A charge that could not be read may be ours: nothing is sent."""
    error = {"id": "s-chg-1", "isError": True, "errors": [{"code": "API.500.300.999"}]}
    result = _capture(payment(listed("charge", "charges/s-chg-1")), error, earlier=SECOND)
    assert result == OperationResult(Outcome.UNKNOWN, reasons.BAD_ANSWER)


def _refused(code: str, after: dict[str, Any]) -> str:
    result = _capture(httpx.Response(400, json={"errors": [{"code": code}]}), after)
    assert result.outcome is Outcome.DECLINED
    return result.reason


def test_a_state_of_canceled_means_a_lapsed_hold() -> None:
    """Amounts may still stand when only the state has changed."""
    after = payment(state={"id": 2, "name": "canceled"})
    assert _refused("API.330.100.007", after) == reasons.EXPIRED
    assert _refused("API.330.100.007", payment()) == reasons.EXCEEDS


@pytest.mark.parametrize("code", ["COR.700.300.400", "COR.700.400.100", "API.330.000.004"])
def test_a_hold_that_is_used_up_has_not_lapsed(code: str) -> None:
    """The same refusal means too high an amount when less is left than was asked."""
    hold, charge = listed("authorize", "authorize/s-aut-1"), listed("charge", "charges/s-chg-1", "100.0000")
    after = payment(hold, charge, amount={"charged": "100.0000", "remaining": "19.9000"})
    assert _refused(code, after) == reasons.EXCEEDS


def test_evidence_tells_what_the_provider_took() -> None:
    """Amount and currency of the evidence are the provider's, even where they differ from what was asked."""
    result = _capture(transaction(amount="119.8000", currency="CHF"))
    assert (result.evidence.amount_minor, result.evidence.currency) == (11_980, "CHF")


@pytest.mark.parametrize("short_id", ["1234.5678.9012\nX", "Müller, Erika", "x" * 65, 7])
def test_only_numbers_of_the_provider_become_evidence(short_id: object) -> None:
    """A trace is an id: any other text stays here."""
    result = _capture(transaction(processing={"shortId": short_id}, traceId="6f0d"))
    assert result.evidence.trace == "6f0d"


CHARGED = {"charged": "119.9000", "remaining": "0.0000"}
SHARED = {"orderId": "SO-1", "paymentReference": REFERENCE}


@pytest.mark.parametrize(
    ("what", "type_id", "charged", "path", "body"),
    [
        ("void", "s-crd-x", False, "authorize/cancels", {"amount": "119.90", **SHARED}),
        ("void", "s-ppy-x", False, "charges/s-chg-1/cancels", {"amount": "119.90", "reasonCode": "CANCEL", **SHARED}),
        ("refund", "s-eps-x", True, "charges/s-chg-1/cancels", {"amount": "45.50", "reasonCode": "RETURN", **SHARED}),
        ("refund", "s-piv-x", True, "charges/cancels", {"amount": "45.50", "reasonCode": "RETURN", **SHARED}),
        ("report_shipment", "s-ivs-x", False, "shipments", {"orderId": "SO-1"}),
    ],
)
def test_what_gives_back_or_ships_as_it_leaves(
    what: str, type_id: str, *, charged: bool, path: str, body: dict[str, str]
) -> None:
    """Path below the payment, amount as a decimal string, why, and our references."""
    sent: list[httpx.Request] = []
    hold = what == "void" and type_id == "s-crd-x"
    status = "success" if charged else "pending"
    first = listed("authorize", "authorize/s-aut-1") if hold else listed("charge", "charges/s-chg-1", status=status)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=payment(first, type_id=type_id, amount=CHARGED if charged else {}))
        sent.append(request)
        return httpx.Response(201, json=transaction("s-cnl-1", amount="45.5000"))

    requests = {"void": void_for(PAYMENT), "refund": refund_for(PAYMENT, 4_550, document_no="")}
    request = requests.get(what, shipment_for(PAYMENT))
    getattr(adapter(handler), what)("main", request, Earlier(), lambda: None)
    (request,) = sent
    assert str(request.url) == f"https://provider.example/gateway/v1/payments/{PAYMENT}/{path}"
    assert json.loads(request.content) == (body if what != "report_shipment" else {"invoiceId": "RE-1", **body})


def _refund(*answers: httpx.Response | dict[str, Any], amount: int = 5_000, sends: int = 0) -> OperationResult:
    left = [one if isinstance(one, httpx.Response) else httpx.Response(200, json=one) for one in answers]
    asked = refund_for(PAYMENT, amount, cause=Cause.RETURN)
    result = adapter(lambda _: left.pop(0)).refund("main", asked, Earlier(sends), lambda: None)
    assert left == []
    return result


def _cancel(amount: str, number: int = 1) -> dict[str, Any]:
    return transaction(f"s-cnl-{number}", amount=amount, paymentReference=REFERENCE)


TWO_CHARGES = (listed("charge", "charges/s-chg-1", "30.0000"), listed("charge", "charges/s-chg-2", "89.9000"))


def test_charges_give_back_in_the_order_of_their_numbers() -> None:
    """However the list is sorted, the first charge comes first."""
    result = _refund(payment(*reversed(TWO_CHARGES), amount=CHARGED), _cancel("30.0000"), _cancel("20.0000"))
    assert result.evidence.reference == "charges/s-chg-1/cancels/s-cnl-1"
    assert result.evidence.amount_minor == 5_000


def test_the_same_short_id_below_two_charges_is_two_cancels() -> None:
    """Found again by their paths, both count."""
    cancels = [listed("cancel-charge", f"charges/s-chg-{n}/cancels/s-cnl-1", "25.0000") for n in (1, 2)]
    whole = payment(*TWO_CHARGES, *cancels, amount={"charged": "69.9000", "canceled": "50.0000", "remaining": "0"})
    result = _refund(whole, _cancel("25.0000"), _cancel("25.0000"), sends=1)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 5_000)


def test_a_list_that_lags_behind_takes_nothing_back() -> None:
    """The look after a refusal does not show yet what was just confirmed: it is not sent again."""
    whole = payment(*TWO_CHARGES, amount=CHARGED)
    refused = httpx.Response(400, json={"errors": [{"code": "API.340.100.015"}]})
    result = _refund(whole, _cancel("30.0000"), refused, whole)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 3_000)


def test_a_provider_that_gives_less_is_believed() -> None:
    """Evidence tells what the provider gave back, not what was asked for."""
    result = _refund(payment(*TWO_CHARGES[1:], amount=CHARGED), _cancel("49.0000"))
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 4_900)


@pytest.mark.parametrize("place", ["charges/s-chg-1", "charges/s-chg-1/cancels/s-cnl-1"])
def test_an_entry_elsewhere_keeps_a_refund_from_being_sent(place: str) -> None:
    """A charge that cannot be reached, or a cancel that may be ours and cannot be read: nothing leaves."""
    cancel = listed("cancel-charge", "charges/s-chg-1/cancels/s-cnl-1", "10.0000")
    entries = [listed("charge", "charges/s-chg-1"), cancel]
    strange = [{**one, "url": "https://[broken"} if one["url"].endswith(place) else one for one in entries]
    charged = {"charged": "109.9000", "canceled": "10.0000", "remaining": "0"}
    whole = payment(*strange, amount=charged)
    answers = [whole] if place.endswith("cnl-1") else [whole, transaction("s-cnl-1", amount="10.0000")]
    result = _refund(*answers, sends=1)
    assert result.reason == reasons.BAD_ANSWER
    assert result.outcome is (Outcome.UNKNOWN if place.endswith("cnl-1") else Outcome.NOT_SENT)


def test_a_first_charge_beside_its_transfers_gives_nothing() -> None:
    """The same money is there once: what the first charge stands for is refunded on the transfers."""
    charges = (listed("charge", "charges/s-chg-1"), listed("charge", "charges/s-chg-2"))
    result = _refund(payment(*charges, type_id="s-ppy-x", amount=CHARGED), _cancel("50.0000"))
    assert result.evidence.reference == "charges/s-chg-2/cancels/s-cnl-1"


def test_a_first_charge_that_turned_successful_is_never_voided() -> None:
    """A cancel of it would be a refund."""
    whole = payment(listed("charge", "charges/s-chg-1"), type_id="s-ivc-x")
    result = adapter(lambda _: httpx.Response(200, json=whole)).void("main", void_for(PAYMENT), Earlier(), lambda: None)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.UNSUPPORTED)


@pytest.mark.parametrize(
    ("type_id", "first"),
    [
        ("s-crd-x", listed("authorize", "authorize/s-aut-1", status="error")),
        ("s-ivc-x", listed("charge", "charges/s-chg-1", status="error")),
    ],
)
def test_a_declined_payment_holds_nothing_whatever_its_amounts_say(type_id: str, first: dict[str, Any]) -> None:
    """Nothing came to be, so nothing is given back and nothing is sent."""
    whole = payment(first, type_id=type_id)
    result = adapter(lambda _: httpx.Response(200, json=whole)).void("main", void_for(PAYMENT), Earlier(), lambda: None)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)
