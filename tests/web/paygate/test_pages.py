"""The pages: what existing integrations send, and the answers that they understand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import Origin, StopReason
from domain.authorization.terms import Preset
from domain.operations import Kind
from paygate.fields import read
from tests.paygate import vectors
from tests.web.paygate.living import PAY_ID, Living
from tests.web.paygate.shop import FORM, Integration, told
from tests.web.world import World

OK = ("OK", "00000000")


def effects(living: Living) -> list[tuple[str, int]]:
    """What took effect at the provider."""
    (life,) = living.lives.values()
    return [(kind, amount) for kind, _, amount in life.provider.effects]


async def test_a_capture(living: Living, shop: Integration) -> None:
    """Taken, answered with the names that the merchant knows, and shown as asked by form."""
    living.hold()
    answer = await shop.ask("capture", ReqId="r1", RefNr="R-17", UserData="mine")
    assert told(answer) == OK
    assert (answer.get("PayID"), answer.get("TransID"), answer.get("RefNr")) == (PAY_ID, "order-1", "INV-1")
    assert len(answer.get("XID")) == 32
    assert answer.get("UserData") == "mine"
    assert effects(living) == [("capture", 4_000)]
    ((_, asked),) = living.asked
    assert asked.action is not None
    assert (asked.request_id, asked.origin, asked.action.reference) == ("form/capture/r1", Origin.FORM, "R-17")


async def test_the_published_message_of_a_capture(living: Living, world: World, shop: Integration) -> None:
    """The very bytes that another library made, in capitals, by POST and by GET; `Y` ends the renewal."""
    shop.merchant = vectors.MERCHANT
    account = world.services.directory.provider_account("paygate-acme")
    assert account is not None
    world.services.directory.put_provider_account(replace(account, public_key=vectors.MERCHANT))
    life = living.hold(case=vectors.TRANS_ID)
    form = {"MerchantID": vectors.MERCHANT, "Len": str(vectors.CAPTURE_LEN), "Data": vectors.CAPTURE_DATA.upper()}
    assert told(shop.opened(await shop.post("CAPTURE.ASPX", form))) == OK
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.FINISHED
    query = "&".join(f"{name.lower()}={value}" for name, value in form.items())
    again = shop.opened(await shop.client.get(f"/Capture.aspx?{query}"))
    assert told(again) == ("FAILED", "21000380")  # without a ReqId the same words are another capture


@pytest.mark.rule("R44")
async def test_a_last_capture(living: Living, shop: Integration) -> None:
    """FinishAuth inside the data ends renewal and split."""
    life = living.hold()
    assert told(await shop.ask("capture", FinishAuth="Y")) == OK
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.FINISHED


@pytest.mark.rule("R49")
async def test_a_capture_of_nothing(living: Living, world: World, shop: Integration) -> None:
    """Ends renewal, books nothing, leaves the hold; without an open hold there is nothing to end."""
    life = living.hold()
    assert told(await shop.ask("capture", Amount="0")) == OK
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.ZERO_CAPTURE
    assert effects(living) == []
    inquiry = await shop.ask("inquire")
    assert (inquiry.get("AmountAuth"), inquiry.get("AmountCap")) == ("10000", "0")
    assert told(await shop.ask("capture", Amount="10000")) == OK
    assert told(await shop.ask("capture", Amount="0")) == ("FAILED", "21000380")


async def test_the_same_req_id_again(living: Living, shop: Integration) -> None:
    """Is answered with what the first one came to; with another amount it is refused, and nothing is taken."""
    living.hold()
    first = await shop.ask("capture", ReqId="r1")
    assert told(await shop.ask("capture", ReqId="r1")) == told(first) == OK
    assert (await shop.ask("capture", ReqId="r1")).get("XID") == first.get("XID")
    assert told(await shop.ask("capture", ReqId="r1", Amount="100")) == ("FAILED", "20170008")
    assert effects(living) == [("capture", 4_000)]


async def test_without_req_id_the_same_words_are_another_request(living: Living, shop: Integration) -> None:
    """Two credits of one amount are two, as at Paygate; a refusal of before is not remembered either."""
    living.hold()
    assert told(await shop.ask("credit", Amount="1000")) == ("FAILED", "21000364")
    assert told(await shop.ask("capture")) == OK
    assert told(await shop.ask("credit", Amount="1000")) == OK
    assert told(await shop.ask("credit", Amount="1000")) == OK
    assert effects(living) == [("capture", 4_000), ("refund", 1_000), ("refund", 1_000)]


async def test_what_is_still_open_is_pending(living: Living, shop: Integration) -> None:
    """While Temporal is away the request is kept; a repetition joins it, with a ReqId or without."""
    living.hold()
    living.down = True
    for values in ({"ReqId": "r1"}, {"ReqId": "r1"}, {}, {}):
        assert told(await shop.ask("capture", **values)) == ("PENDING", "60200309")
    inquiry = await shop.ask("inquire")
    assert (told(inquiry), inquiry.get("AmountAuth")) == (OK, "10000")
    living.down = False
    assert told(await shop.ask("capture", ReqId="r1")) == OK
    assert told(await shop.ask("capture")) == ("FAILED", "21000321")  # one a day, and this one comes after it
    assert effects(living) == [("capture", 4_000)]


@pytest.mark.rule("R32")
@pytest.mark.parametrize(
    ("page", "values", "code"),
    [
        ("capture", {"Amount": "10001"}, "21000364"),
        ("capture", {"Amount": "99"}, "21000313"),
        ("capture", {"Currency": "USD"}, "21000312"),
        ("capture", {"Amount": "-1"}, "40110005"),
        ("capture", {"Amount": "12345678901"}, "40140005"),
        ("capture", {"Amount": "12.50"}, "40110005"),
        ("capture", {"Amount": ""}, "40100005"),
        ("capture", {"Currency": "EURO"}, "40140006"),
        ("capture", {"FinishAuth": "X"}, "40160010"),
        ("capture", {"ReqId": "r" * 33}, "40140008"),
        ("credit", {"Amount": "1"}, "21000364"),
        ("credit", {"Amount": "0"}, "40110005"),
        ("reverse", {"Currency": ""}, "40100006"),
    ],
)
@pytest.mark.parametrize("preset", Preset)
async def test_what_is_refused(
    living: Living, shop: Integration, page: str, values: dict[str, str], code: str, preset: Preset
) -> None:
    """Nothing reaches the provider. Only under strict terms it ends renewal, as it would at Paygate."""
    life = living.hold(preset=preset)
    assert told(await shop.ask(page, **values)) == ("FAILED", code)
    assert effects(living) == []
    stopped = life.state.stopped.reason if life.state.stopped else None
    assert stopped is (StopReason.REFUSED_ACTION if preset is Preset.STRICT else None)
    assert (await shop.ask("inquire")).get("LastStatus") == ("FAILED" if stopped else "AUTHORIZED")


@pytest.mark.rule("R31", "R46")
async def test_a_capture_that_the_provider_refuses(living: Living, shop: Integration) -> None:
    """Its own code passes through, and renewal ends, with FinishAuth or without."""
    life = living.hold()
    life.provider.script[Kind.CAPTURE] = [Decline.BY_ISSUER]
    assert told(await shop.ask("capture", FinishAuth="Y")) == ("FAILED", "21000305")
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.FAILED_CAPTURE
    assert (await shop.ask("inquire")).get("LastStatus") == "FAILED"


async def test_a_capture_whose_outcome_is_not_known(living: Living, shop: Integration) -> None:
    """Is pending, not failed; the same ReqId hears the outcome once it is known."""
    life = living.hold()
    life.provider.script[Kind.CAPTURE] = ["lost"]  # type: ignore[list-item]
    assert told(await shop.ask("capture", ReqId="r1")) == ("PENDING", "60200309")
    assert (await shop.ask("inquire")).get("LastStatus") == "PENDING"
    life.until(life.now + timedelta(minutes=30))
    living._record(life.state.workflow_id, life.state)
    assert life.state.captured_minor == 4_000


@pytest.mark.rule("R37", "R48")
async def test_renewal_is_stopped_twice(living: Living, shop: Integration) -> None:
    """Both times the answer is OK; the hold stays and can be captured (rule R50)."""
    life = living.hold()
    for _ in range(2):
        assert told(await shop.ask("cancelauth")) == OK
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.ASKED
    assert life.state.current is not None
    assert told(await shop.ask("capture")) == OK


@pytest.mark.rule("R38", "R40")
async def test_reverse_undoes_the_last_action(living: Living, shop: Integration) -> None:
    """The hold; or, after a capture, the capture; after a credit there is nothing to undo."""
    living.hold()
    assert told(await shop.ask("reverse", ReqId="r1")) == OK
    assert effects(living) == [("void", 10_000)]
    living.lives.clear()
    other = "f" * 32
    living.hold(other, "order-2")
    names = {"PayID": other, "TransID": "order-2"}
    assert told(await shop.ask("capture", **names)) == OK
    assert told(await shop.ask("reverse", **names)) == OK
    assert effects(living) == [("capture", 4_000), ("refund", 4_000)]
    assert told(await shop.ask("reverse", **names)) == ("FAILED", "21000321")


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("values", "code"),
    [({"PayID": "f" * 32}, "20160001"), ({"TransID": "order-9"}, "20160003"), ({"PayID": "f" * 31}, "40130002")],
)
async def test_what_names_no_payment_changes_nothing(
    living: Living, shop: Integration, values: dict[str, str], code: str
) -> None:
    """Not even under strict terms."""
    life = living.hold(preset=Preset.STRICT)
    assert told(await shop.ask("capture", **values)) == ("FAILED", code)
    assert told(await shop.ask("capture", Amount="x", **values))[0] == "FAILED"
    assert (life.state.stopped, living.asked) == (None, [])


@pytest.mark.rule("R18", "R19")
async def test_the_first_pay_id_stays(living: Living, world: World, shop: Integration) -> None:
    """After a renewal that nobody was told of the merchant goes on with the PayID that he knows."""
    life = living.hold()
    world.clock.forward(days=8)
    living.forward()
    (renewed,) = life.state.holds[1:]
    for pay in (PAY_ID, PAY_ID.upper(), renewed.hold_id):
        inquiry = await shop.ask("inquire", PayID=pay)
        assert (told(inquiry), inquiry.get("PayID")) == (OK, PAY_ID)
    assert told(await shop.ask("capture")) == OK
    assert effects(living)[-1] == ("capture", 4_000)


@pytest.mark.rule("R28")
async def test_a_case_is_found_by_its_trans_id(living: Living, shop: Integration) -> None:
    """`inquire24` knows the newest payment of a case."""
    living.hold()
    inquiry = await shop.ask("inquire24", PayID="")
    assert (told(inquiry), inquiry.get("PayID"), inquiry.get("AmountAuth")) == (OK, PAY_ID, "10000")
    assert told(await shop.ask("inquire24", PayID="", TransID="order-9")) == ("FAILED", "20160003")


async def test_an_inquiry_tells_our_books(living: Living, world: World, shop: Integration) -> None:
    """AmountAuth is what is held and what was captured, so the difference may still be booked (R23)."""
    living.hold()
    await shop.ask("capture")
    world.clock.forward(days=1)
    living.forward()
    await shop.ask("credit", Amount="1500")
    said = await shop.ask("inquire")
    names = ("AmountAuth", "AmountCap", "AmountCred", "Currency", "LastStatus")
    assert [said.get(one) for one in names] == ["10000", "4000", "1500", "EUR", "OK"]


async def test_other_pages_stay_with_the_provider(living: Living, shop: Integration) -> None:
    """First authorizations are refused with a sentence that says where they belong."""
    living.hold()
    for page in ("direct", "payssl", "authorize", "RefNrChange", "nothing"):
        answer = await shop.ask(page)
        assert told(answer) == ("FAILED", "20200001")
        assert "provider" in answer.get("Description")
    assert living.asked == []


async def test_the_base_address_may_be_the_bare_host(living: Living, shop: Integration) -> None:
    """Whatever stood in front of the pages before, `/` and `/paygate/` both work."""
    living.hold()
    shop.base = ""
    assert told(await shop.ask("inquire")) == OK


async def test_another_merchants_payment_is_unknown(living: Living, shop: Integration) -> None:
    """A PayID of another account does not exist for this one."""
    living.hold(account="stripe-acme")
    assert told(await shop.ask("capture")) == ("FAILED", "20160001")
    assert told(await shop.ask("inquire")) == ("FAILED", "20160001")


async def test_a_plain_body_of_another_kind(shop: Integration) -> None:
    """JSON, nothing at all, or far too much: Paygate's failure in clear text, never an error of ours."""
    for answer in (
        await shop.client.post("/paygate/capture.aspx", json={"MerchantID": shop.merchant}),
        await shop.client.post("/paygate/capture.aspx", content=b"", headers=FORM),
        await shop.client.get("/paygate/capture.aspx"),
        await shop.client.post("/paygate/capture.aspx", content=b"x" * 2_000_000, headers=FORM),
    ):
        assert told(read(answer.text)) == ("FAILED", "40010001")
