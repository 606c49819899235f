"""How long holds last, and how their end is noticed."""

import pytest

from tests.sandboxes.paygate.conftest import START, Merchant, until


@pytest.mark.parametrize(
    ("brand", "customer", "merchant"),
    [("VISA", 7, 5), ("MasterCard", 7, 7), ("AMEX", 7, 7), ("DINERS", 7, 7), ("Discover", 7, 7), ("CBN", 12, 12)],
)
def test_windows_by_scheme_and_initiator(shop: Merchant, brand: str, customer: int, merchant: int) -> None:
    """A renewal by the merchant lasts shorter with Visa."""
    first = shop.seed(brand=brand)
    second = shop.payment(shop.renew(first, TransID="b")["PayID"])
    assert first["expires"] == f"2026-12-{1 + customer:02d}T09:00:00+00:00"
    assert second["expires"] == f"2026-12-{1 + merchant:02d}T09:00:00+00:00"


def test_windows_can_be_set(shop: Merchant) -> None:
    """Pre-authorization is for Mastercard; own windows name scheme and initiator, or the scheme alone."""
    shop.configure(pre_authorization=True, validity_days={"VISA/merchant": 4.75, "AMEX": 3})
    assert shop.seed(brand="MasterCard", trans_id="m")["expires"][:10] == "2026-12-31"
    visa = shop.seed(trans_id="v")
    assert visa["expires"][:10] == "2026-12-08"
    assert shop.payment(shop.renew(visa, TransID="v2")["PayID"])["expires"] == "2026-12-06T03:00:00+00:00"
    assert shop.seed(brand="AMEX", trans_id="a")["expires"][:10] == "2026-12-04"


def test_a_hold_runs_out_when_it_is_looked_at(shop: Merchant) -> None:
    """To the second; afterwards nothing can be captured or reversed, and Paygate still shows what was authorized."""
    shop.clock(START, hold=True)
    held = shop.seed()
    shop.clock("2026-12-08T08:59:59+00:00")
    assert shop.payment(held["pay_id"])["open_minor"] == 10000
    shop.clock("2026-12-09T00:00:00+00:00")
    assert shop.move("capture", held, 10000).outcome == ("FAILED", "21000380")
    assert shop.move("reverse", held, 10000).outcome == ("FAILED", "21000321")
    last = shop.control.get("/effects").json()[-1]
    assert (last["kind"], last["amount_minor"], last["reason"]) == ("lapsed", 10000, "expired")
    assert last["at"] == "2026-12-08T09:00:00+00:00"
    assert shop.amounts(held) == ("10000", "0", "0", "FAILED")
    assert shop.control.get("/events").json() == {"next": None, "pending": 0}


def test_the_end_of_a_hold_is_an_event(shop: Merchant) -> None:
    """A driver finds it, moves the clock there and releases it; reversed and captured holds have no end."""
    shop.clock(START, hold=True)
    holds = [shop.seed(trans_id=f"o{no}", brand=brand) for no, brand in enumerate(["VISA", "CBN", "VISA", "VISA"])]
    shop.move("reverse", holds[0], 10000)
    shop.move("capture", holds[2], 10000)
    assert shop.control.get("/events").json() == {"next": "2026-12-08T09:00:00+00:00", "pending": 0}
    shop.clock("2026-12-08T09:00:00+00:00")
    assert shop.control.get("/events").json()["pending"] == 1
    assert shop.control.post("/events/release").json() == {"done": 1}
    assert shop.effects()[-1] == ("lapsed", 10000)
    assert shop.control.get("/events").json() == {"next": "2026-12-13T09:00:00+00:00", "pending": 0}


@pytest.mark.rule("R71")
def test_a_running_clock_ends_holds_by_itself(shop: Merchant) -> None:
    """Without hold nobody has to ask."""
    shop.seed()
    shop.clock("2026-12-08T08:59:59.800000+00:00", frozen=False)
    until(lambda: shop.effects()[-1] == ("lapsed", 10000))
    assert shop.control.get("/events").json()["next"] is None


def test_a_hold_can_be_made_to_run_out(shop: Merchant) -> None:
    """The control route lets it lapse before its time; a second time there is nothing."""
    held = shop.seed()
    assert shop.hook(held, "expire")["state"] == "lapsed"
    assert shop.control.post(f"/payments/{held['pay_id']}/expire").status_code == 409


def test_an_undone_capture_after_the_hold_has_ended(shop: Merchant) -> None:
    """The money is not captured any more, and nothing is held either."""
    held = shop.seed()
    shop.move("capture", held, 10000)
    shop.clock("2026-12-20T09:00:00+00:00")
    assert shop.move("reverse", held, 10000).outcome == ("OK", "00000000")
    assert shop.effects()[-2:] == [("reversed", 10000), ("lapsed", 10000)]


def test_an_undone_capture_is_held_to_the_old_end(shop: Merchant) -> None:
    """The hold that comes back has the end it had."""
    held = shop.seed()
    shop.move("capture", held, 10000)
    shop.move("reverse", held, 10000)
    assert shop.control.get("/events").json()["next"] == held["expires"]
    shop.clock("2026-12-08T09:00:00+00:00")
    assert shop.payment(held["pay_id"])["state"] == "lapsed"
