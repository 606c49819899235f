"""The pages: readable in both languages, escaped, without anything from elsewhere, and not in production."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient

from domain.explain import Explanation
from domain.facts import CreditNoteRow, OperationEnded, ProblemGone, ProblemRaised, Told, Wish
from domain.operations import Cause, Kind, Note, Operation
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.parties import Tenant
from domain.payment_methods import METHODS
from domain.tenant_config import Language
from settings import Profile
from tests.web.conftest import MakeWorld
from tests.web.world import T0, World, capture
from web.pages.reader import preferred
from web.pages.words import _METHODS, _WORDS

CAPTURED = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("s-chg-1", "t-1", 1995, "EUR", T0))
DIFFERS = ProblemRaised(T0, "amount_differs", "order", "1", (("order", "19.95 EUR"), ("payment", "9.95 EUR")))
ORDER = "/ui/orders/pixi/4711?tenant=acme"
NASTY = "\"><script>alert(1)</script>/'"


async def test_the_list_shows_status_problem_and_amounts(world: World, anyone: AsyncClient) -> None:
    """The problem is told by sign and by words, never by colour alone."""
    world.add_order("4711", DIFFERS)
    world.add_order("4712")
    page = (await anyone.get("/?lang=en")).text
    assert '<html lang="en">' in page
    assert re.search(r"✖</span> Error: Amount differs", page)
    assert re.search(r"✓</span> in order", page)
    assert "19.95 EUR" in page
    assert "shipping" in page


async def test_an_order_shows_what_an_operator_asks(world: World, anyone: AsyncClient) -> None:
    """Why it waits, what is wrong and what to do, what was captured, what happened, and the way to Temporal."""
    world.add_order("4711", DIFFERS, Told("r", Wish.LOOK_AGAIN, T0, "Erika"), OperationEnded(capture(), T0, CAPTURED))
    world.messenger.explanation = Explanation(
        "shipping", Note("wait_shipping"), not_captured=Note.of("blocked", problem="amount_differs")
    )
    page = (await anyone.get(f"{ORDER}&lang=de")).text
    assert "Wartet auf den Versand." in page
    assert "Warum nicht eingezogen" in page
    assert "Warum nicht freigegeben" not in page
    assert "2017 Betrag weicht ab" in page
    assert "Was zu tun ist" in page
    assert "s-chg-1" in page
    assert "noch einmal ansehen · Erika" in page
    assert 'href="http://127.0.0.1:8233/namespaces/default/workflows/order%2Facme%2Fpixi%2F4711"' in page
    assert "Temporal antwortet nicht" not in page


async def test_the_timeline_is_newest_first(world: World, anyone: AsyncClient) -> None:
    """Facts and operations stand in one line of time; what has not ended is shown as in progress."""
    gone = ProblemGone(T0 + timedelta(minutes=2), "amount_differs", "order", "1")
    workflow_id = world.add_order("4711", DIFFERS, gone)
    world.add_operation(workflow_id, Kind.CAPTURE, "R1", None)
    page = (await anyone.get(f"{ORDER}&lang=en")).text
    lines = re.findall(r'<li class="(\w+)"><time[^>]*>[^<]*</time> <span>([^<]*)', page)
    assert [text.strip() for _, text in lines] == [
        "Problem is gone",
        "Capture: R1",
        "Problem",
        "The ERP reports a new state",
    ]
    assert "in progress" in page
    assert "✓ solved" in page


async def test_a_long_timeline_is_cut(world: World, anyone: AsyncClient) -> None:
    """The newest entries stay, and the page says that older ones are left out."""
    wishes = [Told(f"r-{number}", Wish.LOOK_AGAIN, T0 + timedelta(seconds=number)) for number in range(250)]
    world.add_order("4711", *wishes)
    page = (await anyone.get(f"{ORDER}&lang=en")).text
    assert page.count("<li ") == 200
    assert "The latest entries are shown." in page


async def test_without_temporal_the_pages_say_so(world: World, anyone: AsyncClient) -> None:
    """The stored state is shown with a note; the list needs Temporal for nothing."""
    world.add_order("4711")
    world.messenger.down = True
    page = await anyone.get(f"{ORDER}&lang=en")
    assert page.status_code == 200
    assert "Temporal does not answer" in page.text
    assert (await anyone.get("/")).status_code == 200


@pytest.mark.parametrize("lang", ["de", "en"])
async def test_foreign_text_is_escaped(world: World, anyone: AsyncClient, lang: str) -> None:
    """An order number, an actor and a search text that are HTML stay text, and the links still lead there."""
    world.add_order(NASTY, Told("r", Wish.CANCEL, T0, NASTY), payment_id=NASTY)
    page = (await anyone.get("/", params={"lang": lang, "text": NASTY[:20]})).text
    assert "<script" not in page
    link = re.search(r'href="(/ui/orders/[^"]+)"', page)
    assert link
    detail = await anyone.get(link[1].replace("&amp;", "&"))
    assert detail.status_code == 200
    assert "<script" not in detail.text
    assert "&lt;script&gt;" in detail.text


async def test_simulated_clocks_stand_at_the_top(world: World, anyone: AsyncClient) -> None:
    """Of every simulated tenant, on every page; of real tenants never."""
    world.services.directory.put_tenant(Tenant("sim", "Sim", simulated=True))
    world.services.clocks.set_offset("sim", timedelta(days=12, hours=3))
    world.add_order("4711")
    for address in ("/", ORDER, "/ui/orders/pixi/none"):
        page = (await anyone.get(address, headers={"Accept-Language": "en"})).text
        assert "Simulated clock sim: 2027-03-13, 13:00 (12 days 03:00 h ahead)" in page
        assert "Simulated clock acme" not in page


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr, de;q=0.5, en;q=0.6", "en"),
        ("fr", "de"),
        ("", "de"),
        ("en;q=x, de", "de"),
        ("*;q=1," * 1000, "de"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    """German when it wants neither."""
    assert preferred(header) == Language(language)


def test_every_label_has_both_languages() -> None:
    """No page mixes languages."""
    labels = {**_WORDS, **_METHODS}
    assert [code for code, texts in labels.items() if len(texts) != 2 or not all(texts)] == []
    assert METHODS.keys() == _METHODS.keys()


async def test_following_the_list_shows_everything(world: World, anyone: AsyncClient) -> None:
    """The link to further orders keeps filter and language."""
    for number in range(51):
        world.add_order(f"N{number}")
    page = (await anyone.get("/?lang=en&text=W-N")).text
    more = re.search(r'class="button" href="([^"]+)"', page)
    assert more
    rest = (await anyone.get(more[1].replace("&amp;", "&"))).text
    assert rest.count('<th scope="row"') == 1
    assert 'value="W-N"' in rest
    assert '<html lang="en">' in rest


@pytest.mark.parametrize("query", ["status=x", "after=x", "needs_human=maybe", "lang=xx", "text=%00%FF"])
async def test_a_parameter_without_sense_is_no_error(anyone: AsyncClient, query: str) -> None:
    """A page is shown all the same."""
    assert (await anyone.get(f"/?{query}")).status_code == 200


async def test_an_unknown_order_is_a_page(world: World, anyone: AsyncClient) -> None:
    """404 in words; the tenant counts too."""
    world.add_order("4711")
    for address in ("/ui/orders/pixi/none?tenant=acme&lang=en", "/ui/orders/pixi/4711?lang=en"):
        answer = await anyone.get(address)
        assert answer.status_code == 404
        assert "There is no such order." in answer.text


@pytest.mark.parametrize("path", ["/", "/ui/orders/pixi/4711?tenant=acme", "/internal/queues"])
async def test_production_serves_no_pages(make_world: MakeWorld, path: str) -> None:
    """They have no sign-in: 404, whatever stands behind the address."""
    world = make_world(Profile.PRODUCTION)
    world.add_order("4711")
    async with world.client() as anyone, world.shop() as shop:
        for client in (anyone, shop):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert "4711" not in answer.text
            assert answer.json()["error"]["what_to_do"]


@pytest.mark.parametrize("path", ["/", ORDER, "/docs", "/health", "/orders", "/nowhere", "/ui/style.css"])
async def test_every_answer_protects_its_reader(world: World, anyone: AsyncClient, path: str) -> None:
    """No scripts, no frames, no other sites, no guessing of types; and no page loads anything from elsewhere."""
    world.add_order("4711")
    answer = await anyone.get(path, headers={"Origin": "https://evil.example"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert not re.search(r"<(script|iframe|img|link[^>]*https?:)|style=|onclick", answer.text)


async def test_an_order_of_a_method_that_is_given_up_names_its_successor(world: World, anyone: AsyncClient) -> None:
    """The page and the API show the hint beside what the order waits for."""
    world.add_order("4711")
    hint = Note.of("method_deprecated", method="Invoice", successor="Paylater Invoice")
    world.messenger.explanation = Explanation("released", Note("wait_shipping"), hint=hint)
    page = (await anyone.get(f"{ORDER}&lang=en")).text
    assert "The provider is discontinuing the payment method Invoice. Please change to Paylater Invoice." in page
    async with world.shop("orders:read") as shop:
        told = (await shop.get("/orders/pixi/4711")).json()
    assert told["why"]["hint"]["params"] == {"method": "Invoice", "successor": "Paylater Invoice"}


async def test_credit_notes_are_shown_with_what_became_of_them(world: World, anyone: AsyncClient) -> None:
    """A return with its refund, one that was made by hand without."""
    returned = CreditNoteRow("G1", 30_00, from_return=True)
    by_hand = CreditNoteRow("G2", 10_00)
    refund = Operation(Kind.REFUND, "G1", amount_minor=30_00, currency="EUR", invoice_no="G1", cause=Cause.RETURN)
    done = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("charges/s-chg-1/cancels/s-cnl-1", amount_minor=30_00))
    world.add_order("4711", OperationEnded(refund, T0, done), credit_notes=(returned, by_hand))
    page = (await anyone.get(f"{ORDER}&lang=en")).text
    assert "Credit notes" in page
    assert "s-chg-1/cancels/s-cnl-1" in page
    assert page.count("made by hand") == 1
    assert "30.00 EUR" in page
