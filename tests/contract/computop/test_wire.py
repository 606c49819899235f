"""Envelope, answers and connections: what counts as an answer, and what became of a request without one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.computop import PaygateAccount, PaygateHolds, PaygateTimeouts, client
from domain import reasons
from domain.authorization.facts import HoldStanding
from domain.errors import Misconfigured, Transient
from domain.outcomes import OperationResult, Outcome
from paygate.envelope import Key, Scheme
from paygate.mac import request_is_genuine
from tests.contract.computop.answering import (
    AUTHORIZE,
    CAPTURE,
    CASE,
    HELD,
    KEY,
    PAY_ID,
    VOID,
    YES,
    Paygate,
    account,
    holds,
    sealed,
)
from tests.contract.computop.conftest import Open
from tests.contract.holds.doing import DOINGS, FIRST, may, reference

UNREADABLE = (Outcome.UNKNOWN, reasons.BAD_ANSWER)
NOBODY = {"PayID": "0" * 32, "TransID": "na", "Status": "FAILED", "Description": "UnexpectedError"}


def _plain(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode("iso-8859-1")


async def _capture(handler: Any, **changed: Any) -> OperationResult:
    adapter = holds(handler, **changed)
    try:
        return await adapter.capture("main", CAPTURE, FIRST, may)
    finally:
        await adapter.close()


def _ended(result: OperationResult) -> tuple[Outcome, str]:
    return result.outcome, result.reason


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"answer_hex": "upper", "answer_padding": "pkcs7"},
        {"answer_names": "mixed"},
        {"cipher": "aes"},
        {"cipher": "aes", "password": "0123456789abcdef01234567", "answer_hex": "upper"},
        {"cipher": "aes", "password": "0123456789abcdef0123456789abcdef", "answer_names": "mixed"},
        {"merchant_id": "a+b@c.d-e"},
        {"inquire_details": True, "etm": True, "mac_required": False},
    ],
    ids=str,
)
async def test_either_cipher_in_any_spelling(merchant: Open, settings: dict[str, Any]) -> None:
    """Whatever the MerchantID is set to, all effects and questions work."""
    stand = merchant(**settings)
    for doing in DOINGS.values():
        held = doing.held(stand)
        assert (await doing(stand, held, reference())).outcome is Outcome.SUCCEEDED
        assert (await stand.provider.read("main", held.case, held.hold_id)).standing is not HoldStanding.MISSING
    assert len(stand.effects()) == len(DOINGS)


async def test_every_request_is_sealed_and_signed() -> None:
    """Three clear parameters in a POST; merchant and MAC again inside; nothing else in clear."""
    paygate = Paygate(sealed(HELD))
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return paygate(request)

    adapter = holds(handler)
    await adapter.read("main", CASE, PAY_ID)
    await adapter.void("main", VOID, FIRST, may)
    await adapter.authorize("main", AUTHORIZE, FIRST, may)
    assert [page for page, _ in paygate.sent] == ["inquire.aspx", "inquire.aspx", "reverse.aspx", "direct.aspx"]
    for request, (_, fields) in zip(seen, paygate.sent, strict=True):
        assert (request.method, request.url.query) == ("POST", b"")
        clear = dict(httpx.QueryParams(request.content.decode()))
        assert set(clear) == {"MerchantID", "Len", "Data"}
        assert clear["MerchantID"] == fields.get("MerchantID") == "shop"
        assert request_is_genuine(fields, "hmac")
        assert "cookie" not in request.headers
        assert "authorization" not in request.headers


async def test_an_answer_needs_no_mac_and_may_come_in_clear(merchant: Open) -> None:
    """Some pages answer without encryption."""
    stand = merchant()
    held = stand.first_hold()
    stand.fault("capture", kind="special", name="plain")
    assert (await DOINGS["capture"](stand, held, reference())).outcome is Outcome.SUCCEEDED


async def test_an_error_page_with_status_200_settles_nothing(merchant: Open) -> None:
    """HTML in place of an answer: unknown, and found out by asking."""
    stand = merchant()
    held = stand.first_hold()
    stand.fault("capture", kind="special", name="html")
    assert _ended(await DOINGS["capture"](stand, held, reference())) == UNREADABLE


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe",
        b"<html><body>Unexpected exception &amp; more=1</body></html>",
        b"Len=9&Data=",
        b"Len=9&Data=zz",
        b"Len=9&Data=14ec7a6da0fbb3e50a84b47302443328",  # under another password
        b"Len=900&Data=14ec7a6da0fbb3e50a84b47302443328",
        sealed(YES, Key.of(Scheme.AES, "0123456789abcdef")),
        sealed(YES, Key.of(Scheme.BLOWFISH, "another password")),
        sealed({name: value for name, value in YES.items() if name != "Code"}),
        sealed({**YES, "Code": "0"}),
        sealed({**YES, "Code": "000000000"}),
        sealed({**YES, "Code": "10000000"}),
        sealed({**YES, "Code": "90000000"}),
        sealed({**YES, "Code": "70000000"}),
        sealed({**YES, "PayID": "b" * 32}),
        sealed({**YES, "PayID": ""}),
        sealed({**YES, "TransID": "00013"}),
        sealed({**YES, "mid": "another"}),
        _plain({**NOBODY, "PayID": "b" * 32}),
    ],
)
async def test_what_is_no_answer_leaves_the_outcome_unknown(answer: bytes) -> None:
    """Unreadable, about something else, or neither a yes nor a no."""
    assert _ended(await _capture(Paygate(answer))) == UNREADABLE


@given(st.binary(max_size=300) | st.text(alphabet="&=abcLenDataCode0123456789-", max_size=200).map(str.encode))
async def test_no_bytes_make_an_effect_certain(answer: bytes) -> None:
    """Whatever comes back, it is unknown unless it is Paygate's own yes or no."""
    result = await _capture(Paygate(answer))
    assert _ended(result) in (UNREADABLE, (Outcome.DECLINED, reasons.REFUSED))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, reasons.BAD_ANSWER),
        (302, reasons.BAD_ANSWER),
        (403, reasons.BAD_ANSWER),
        (404, reasons.BAD_ANSWER),
        (429, reasons.BAD_ANSWER),
        (500, reasons.SERVER_ERROR),
        (503, reasons.SERVER_ERROR),
    ],
)
async def test_another_status_than_200_is_no_answer(status: int, reason: str) -> None:
    """Paygate says no with 200 and a code; anything else is somebody in between."""
    assert _ended(await _capture(Paygate(sealed(YES), status=status))) == (Outcome.UNKNOWN, reason)


@pytest.mark.parametrize(
    "answer",
    [
        _plain(NOBODY),
        _plain({**NOBODY, "Code": "40010001"}),
        sealed({**YES, "Status": "FAILED", "Code": "20010004"}),
    ],
)
async def test_an_unreadable_request_changed_nothing(answer: bytes) -> None:
    """Paygate could not decrypt it, or its MAC was wrong: it belongs to no payment, so it is not sent."""
    assert _ended(await _capture(Paygate(answer))) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    with pytest.raises(Misconfigured):
        await holds(Paygate(answer)).read("main", CASE, PAY_ID)


@pytest.mark.parametrize(
    "wrong",
    [
        {"AmountAuth": ""},
        {"AmountCap": "-1"},
        {"AmountCred": "1.5"},
        {"Currency": ""},
        {"PayID": "b" * 32},
        {"PayID": "short"},
        {"Code": "61000309"},
        {"Code": "20000001"},
    ],
)
async def test_a_picture_that_lacks_something_is_none(wrong: dict[str, str]) -> None:
    """An inquiry that does not tell all amounts is asked again."""
    with pytest.raises(Transient):
        await holds(Paygate(sealed({**HELD, **wrong}))).read("main", CASE, PAY_ID)


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (httpx.ConnectError, Outcome.NOT_SENT, reasons.UNREACHABLE),
        (httpx.ConnectTimeout, Outcome.NOT_SENT, reasons.UNREACHABLE),
        (httpx.ProxyError, Outcome.NOT_SENT, reasons.UNREACHABLE),
        (httpx.PoolTimeout, Outcome.NOT_SENT, reasons.BUSY),
        (httpx.WriteError, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (httpx.WriteTimeout, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (httpx.ReadError, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (httpx.ReadTimeout, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (httpx.RemoteProtocolError, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (httpx.DecodingError, Outcome.UNKNOWN, reasons.BAD_ANSWER),
    ],
)
async def test_what_may_have_left_is_unknown(error: type[httpx.HTTPError], outcome: Outcome, reason: str) -> None:
    """Only a connection that never was lets us say that nothing left."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise error("broken")

    assert _ended(await _capture(broken)) == (outcome, reason)


async def test_an_answer_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part comes in time, the whole does not."""
    monkeypatch.setattr(client, "POOL_WAIT_SECONDS", 0.1)

    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.05)
                yield b"0"

    times = PaygateTimeouts(connect_seconds=0.1, read_seconds=0.1)
    began = asyncio.get_running_loop().time()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=Trickle())

    adapter = PaygateHolds({"main": account(timeouts=times)}.__getitem__, transport=Slow())
    result = await adapter.capture("main", CAPTURE, FIRST, may)
    assert _ended(result) == (Outcome.UNKNOWN, reasons.NO_ANSWER)
    assert asyncio.get_running_loop().time() - began < 10


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"case_reference": "Bestellung&1"}, reasons.MISCONFIGURED),
        ({"case_reference": "x" * 65}, reasons.MISCONFIGURED),
        ({"case_reference": ""}, reasons.MISCONFIGURED),
        ({"case_reference": "日本"}, reasons.MISCONFIGURED),
        ({"payout_reference": "Rückzahlung"}, reasons.MISCONFIGURED),
        ({"payout_reference": "x" * 31}, reasons.MISCONFIGURED),
        ({"currency": "EURO"}, reasons.MISCONFIGURED),
        ({"currency": ""}, reasons.MISCONFIGURED),
    ],
)
async def test_nothing_malformed_leaves(changed: dict[str, Any], reason: str) -> None:
    """A request that Paygate would refuse for its form counts as a failed one there, so it is stopped here."""
    paygate, case = Paygate(sealed(YES)), replace(CASE, **changed)
    permits: list[str] = []
    adapter = paygate.adapter()
    for result in (
        await adapter.capture("main", replace(CAPTURE, case=case), FIRST, lambda: permits.append("asked")),
        await adapter.authorize("main", replace(AUTHORIZE, case=case), FIRST, lambda: permits.append("asked")),
    ):
        assert _ended(result) == (Outcome.NOT_SENT, reason)
    assert paygate.sent == []
    assert permits == []


async def test_an_amount_that_no_field_takes_does_not_leave() -> None:
    """Ten digits are the most."""
    paygate = Paygate(sealed(YES))
    result = await paygate.adapter().capture("main", replace(CAPTURE, amount_minor=10**10), FIRST, may)
    assert _ended(result) == (Outcome.NOT_SENT, reasons.NO_AMOUNT)
    assert paygate.sent == []


async def test_a_case_without_names_cannot_be_read() -> None:
    """TransID belongs to every message: its lack is a matter of how the authorization was registered."""
    with pytest.raises(Misconfigured, match="TransID"):
        await Paygate(sealed(HELD)).adapter().read("main", replace(CASE, case_reference=""), PAY_ID)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.computop-paygate.com/",
        "http://10.0.0.1/",
        "https://",
        "ftp://127.0.0.1/",
        "https://user:word@www.computop-paygate.com/",
        "https://www.computop-paygate.com/?a=1",
        "https://www.computop-paygate.com:99999/",
        "nonsense",
        "",
    ],
)
def test_only_safe_addresses_are_taken(url: str) -> None:
    """Outside of this machine without encryption of the connection nothing is sent."""
    with pytest.raises(Misconfigured):
        PaygateAccount("main", "shop", KEY, "hmac", base_url=url)


@pytest.mark.parametrize(
    "url",
    ["https://www.computop-paygate.com", "https://psp.example:8443/pay/", "http://127.0.0.1:8705", "http://[::1]/"],
)
def test_pages_lie_below_the_address(url: str) -> None:
    """With or without a slash at its end."""
    assert PaygateAccount("main", "shop", KEY, "hmac", url).page("capture") == f"{url.rstrip('/')}/capture.aspx"


@pytest.mark.parametrize(
    ("cipher", "password", "hmac", "merchant_id"),
    [
        ("aes", "too short", "hmac", "shop"),
        ("blowfish", "abc", "hmac", "shop"),
        ("des", "0123456789abcdef", "hmac", "shop"),
        ("blowfish", "sandbox-日本", "hmac", "shop"),
        ("blowfish", "0123456789abcdef", "", "shop"),
        ("blowfish", "0123456789abcdef", "日本", "shop"),
        ("blowfish", "0123456789abcdef", "hmac", "../shop"),
        ("blowfish", "0123456789abcdef", "hmac", ""),
    ],
)
def test_impossible_credentials_are_refused_when_they_are_entered(
    cipher: str, password: str, hmac: str, merchant_id: str
) -> None:
    """Without a request, and without repeating what was entered."""
    with pytest.raises(Misconfigured) as refused:
        PaygateAccount.of("main", merchant_id, cipher, password, hmac)
    assert password not in str(refused.value)


def test_an_account_shows_no_secret() -> None:
    """Nor do its parts."""
    entered = PaygateAccount.of("main", "shop", "blowfish", "sandbox-blowfish", "hmac-password")
    assert "sandbox-blowfish" not in repr(entered)
    assert "hmac-password" not in repr(entered)
