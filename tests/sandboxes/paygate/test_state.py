"""What outlives the process, what the page and the log show, and how wrong control requests are answered."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandboxes.paygate.conftest import Merchant, in_base64
from tests.support.sandbox_process import SandboxProcess, start_sandbox


@pytest.fixture
def start() -> Iterator[Callable[[Path], SandboxProcess]]:
    started: list[SandboxProcess] = []

    def begin(state: Path) -> SandboxProcess:
        started.append(start_sandbox("sandboxes.paygate", state=state))
        return started[-1]

    yield begin
    for process in started:
        process.stop()


def test_everything_survives_a_killed_process(start: Callable[[Path], SandboxProcess], tmp_path: Path) -> None:
    """Payments, cards, ReqIds, scripts, pending and late requests, clock, effects and violations are there again."""
    process = start(tmp_path / "paygate.db")
    shop = Merchant(process.url, "kept")
    shop.configure(code_ext=True)
    shop.clock("2027-01-01T10:00:00+00:00", hold=True)
    held, other = shop.seed(ref_nr="A"), shop.seed(trans_id="b")
    first = shop.move("capture", held, 4000, ReqId="once")
    fields = shop.renew_fields(other, TransID="c", ReqId="renewal")
    shop.script("direct", "61000309", final_after_seconds=60)
    waiting = shop.call("direct", **fields)
    shop.script("credit", "0305", times=3, skip=1, code_ext="21")
    shop.arm("reverse", "special", name="late_commit", params={"seconds": 90})
    with pytest.raises(httpx.RemoteProtocolError):
        shop.move("reverse", other, 10000, ReqId="late")
    shop.move("capture", other, 5, ReqId=None)

    def everything() -> list[object]:
        paths = ("payments", "effects", "violations", "scripts", "state", "clock", "events")
        return [shop.control.get(f"/{path}").json() for path in paths]

    before = everything()
    process.kill()
    process = start(tmp_path / "paygate.db")
    keys = shop.password, shop.hmac_key
    shop = Merchant(process.url, "kept")
    shop.password, shop.hmac_key = keys
    assert everything() == before
    assert shop.move("capture", held, 4000, ReqId="once") == first
    assert shop.effects()[-1] == ("lapsed", 6000)
    shop.clock("2027-01-01T10:02:00+00:00")
    assert shop.control.post("/events/release").json() == {"done": 2}
    assert shop.effects()[-2:] == [("authorized", 10000), ("reversed", 10000)]
    assert shop.call("direct", **fields)["PayID"] == waiting["PayID"]
    assert shop.renew(other, TransID="d").outcome[0] == "AUTHORIZED"
    pay_ids = [one["pay_id"] for one in shop.control.get("/payments").json()]
    assert len(set(pay_ids)) == 4
    shop.configure(reset=True)
    shop.close()
    process.stop()
    shop = Merchant(start(tmp_path / "paygate.db").url, "kept")
    assert (shop.effects(), shop.control.get("/payments").json(), shop.violations()) == ([], [], [])
    shop.close()


def test_equal_runs_give_equal_ids(shop: Merchant) -> None:
    """After a reset the same requests get the same PayIDs, whatever was only asked in between."""
    runs = []
    for questions in (0, 3):
        shop.configure(reset=True)
        held = shop.seed()
        for _ in range(questions):
            shop.inquire(held)
        runs.append((held["pay_id"], shop.renew(held, ReqId=None)["PayID"]))
    assert runs[0] == runs[1]


def test_the_log_shows_what_was_said(shop: Merchant) -> None:
    """Decrypted fields and answer, without signature and card; a request nobody could read says why."""
    held = shop.seed()
    shop.renew(held, TransID="b")
    sent = shop.envelope(shop.signed(PayID=held["pay_id"]))
    shop.api.post("/inquire.aspx", data={**sent, "Len": "99999"})
    first, second = shop.control.get("/log").json()
    assert (first["call"], first["fields"]["TransID"], first["fields"]["MAC"]) == ("direct", "b", "…")
    assert first["fields"]["credentialOnFile"] == '{"type": {"unscheduled": "MIT"}, "initialPayment": false}'
    assert held["pcnr"] in first["fields"]["card"]
    assert (first["answer"]["Code"], first["facts"]["initiator"]) == ("00000000", "merchant")
    assert (second["fields"], second["problem"]) == ({}, "the length does not fit the data")
    assert second["body"] == ""


def test_the_page_escapes_and_hides_keys(shop: Merchant) -> None:
    """What clients wrote is shown as text; neither password nor signature key is shown."""
    nasty = "<script>alert('x')</script>"
    held = shop.seed(trans_id=nasty, ref_nr="INV-7")
    shop.move("capture", held, 5, UserData=nasty)
    shop.script("credit", "0305", trans_id=nasty)
    shop.arm("capture", "special", name=nasty)
    page = shop.api.get(f"/accounts/{shop.name}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert page.text.count("&lt;script&gt;") >= 4
    for part in (held["pay_id"], "100.00 EUR", "INV-7", "21000305", "capture_below_minimum"):
        assert part in page.text
    for secret in (shop.password, shop.hmac_key):
        assert secret not in page.text
    assert shop.name in shop.api.get("/").text
    assert shop.api.get("/accounts/unknown").status_code == 404


def test_control_mistakes_are_refused(shop: Merchant) -> None:
    """Unknown keys, values and payments are answered with a reason instead of being ignored."""
    for body in (
        {"amount_minor": 0},
        {"amount_minor": 1, "brand": "GOLD"},
        {"amount_minor": 1, "currency": "XAU"},
        {"amount_minor": 1, "colour": "red"},
        {"amount_minor": 1, "card_number": "4111111111111112"},
        {"amount_minor": 1, "card_expiry": "203013"},
        {"amount_minor": 1, "capture": "LATER"},
    ):
        assert shop.control.post("/payments", json=body).status_code == 422, body
    for settings in ({"cipher": "aes", "password": "short"}, {"password": "abc"}, {"cipher": "rot13"}, {"x": 1}):
        assert shop.api.put(f"/control/accounts/{shop.name}", json=settings).status_code == 422
    assert shop.control.get("/payments/unknown").status_code == 404
    assert shop.control.post(f"/payments/{'0' * 32}/reverse").status_code == 404
    assert shop.api.get("/control/accounts/nobody/payments").status_code == 404
    held = shop.seed()
    assert shop.control.post(f"/payments/{held['pay_id']}/capture", json={"amount_minor": -1}).status_code == 422
    assert shop.control.post(f"/payments/{held['pay_id']}/finish", json={"code": "1"}).status_code == 409


def test_an_account_says_how_it_is_reached(shop: Merchant) -> None:
    """Merchant id, cipher and both keys; a second PUT changes settings and keeps payments."""
    shop.seed()
    found = shop.configure(etm=True)
    assert (found["merchant_id"], found["cipher"], found["payments"]) == (shop.name, "blowfish", 1)
    assert (len(found["password"]), len(found["hmac_key"]), found["settings"]["etm"]) == (16, 32, True)
    assert shop.api.get(f"/control/accounts/{shop.name}").json() == found


def test_effects_account_for_every_amount(shop: Merchant) -> None:
    """Over a life with renewals, what was authorized is captured, reversed, lapsed or still held."""
    held = shop.seed(12345)
    for day in (6, 10, 14):
        shop.clock(f"2026-12-{day:02d}T09:00:00+00:00")
        shop.move("reverse", held, held["open_minor"])
        held = shop.payment(shop.renew(held, card=in_base64({"number": held["pcnr"]}))["PayID"])
    shop.move("capture", held, 5000)
    shop.move("credit", held, 500)
    renewed = shop.payment(shop.renew(held, 7345)["PayID"])
    shop.clock("2026-12-30T09:00:00+00:00")
    shop.inquire(renewed)
    sums: dict[str, int] = {}
    for kind, amount in shop.effects():
        sums[kind] = sums.get(kind, 0) + amount
    assert sums == {
        "authorized": 4 * 12345 + 7345,
        "reversed": 3 * 12345,
        "captured": 5000,
        "lapsed": 2 * 7345,
        "credited": 500,
    }
    assert shop.violations() == []
