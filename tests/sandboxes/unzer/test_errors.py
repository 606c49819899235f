"""Keys, tokens, and the two shapes of a failure."""

import base64
import json
from collections.abc import Iterator

import httpx
import pytest

from tests.sandboxes.unzer.conftest import Shop, code


@pytest.fixture
def other(shop: Shop) -> Iterator[Shop]:
    """A second merchant in the same sandbox."""
    found = Shop(shop.url, shop.name + "Other")
    found.configure()
    yield found
    found.close()


def test_an_error_has_every_field_and_is_found_again(shop: Shop) -> None:
    """The body of a refusal is complete and `GET /errors/{id}` returns the same body later."""
    body = shop.capture(shop.seed("card"), amount=101).json()
    assert [body[key] for key in ("isError", "isSuccess", "isPending")] == [True, False, False]
    assert body["id"].startswith("s-err-")
    assert all(body[key] for key in ("url", "timestamp", "traceId"))
    assert set(body["errors"][0]) == {"code", "merchantMessage", "customerMessage"}
    assert shop.get(f"errors/{body['id']}") == body
    assert shop.api.get("/v1/errors/s-err-unknown").status_code == 404


def test_the_customer_is_answered_in_the_asked_language(shop: Shop) -> None:
    """German for a German caller, English otherwise; the merchant's text stays English."""
    answers = [
        shop.api.get("/v1/payments/none", headers={"accept-language": one}).json()["errors"][0]
        for one in ("de-DE", "en")
    ]
    assert answers[0]["customerMessage"] != answers[1]["customerMessage"]
    assert answers[0]["merchantMessage"] == answers[1]["merchantMessage"]


def test_unknown_and_foreign_payments_look_alike(shop: Shop, other: Shop) -> None:
    """404 and the same code, whether the payment does not exist or is another merchant's."""
    payment = other.seed("card", order_id="SO-OTHER")
    for key in (payment, "SO-OTHER", "s-pay-1", "s-pay-1/charges/s-chg-1"):
        answer = shop.api.get(f"/v1/payments/{key}")
        assert (answer.status_code, code(answer)) == (404, "API.310.100.003")
    assert code(shop.capture(payment, amount=1)) == "API.310.100.003"
    assert other.effects() == []


def test_payment_ids_are_unique_in_the_whole_sandbox(shop: Shop, other: Shop) -> None:
    """Two merchants never get the same payment id."""
    assert shop.seed("card") != other.seed("card")


def test_a_foreign_type_is_refused(shop: Shop, other: Shop) -> None:
    """A type of another merchant is as unknown as one that does not exist."""
    body = {"amount": 1, "currency": "EUR", "resources": {"typeId": other.type_id("card")}}
    assert code(shop.post("payments/authorize", **body)) == "API.500.100.001"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "API.000.000.001"),
        ("Basic", "API.000.000.001"),
        ("Basic !!!", "API.000.000.001"),
        ("Digest abc", "API.000.000.001"),
        ("Basic " + base64.b64encode(b"s-priv-nobody:").decode(), "API.710.000.002"),
        ("Bearer nonsense", "API.710.000.002"),
        ("Bearer a.b.c", "API.710.000.002"),
    ],
)
def test_missing_and_wrong_keys(shop: Shop, header: str | None, expected: str) -> None:
    """401 with the code of the case."""
    headers = {} if header is None else {"authorization": header}
    answer = httpx.get(f"{shop.url}/v1/keypair", headers=headers, trust_env=False)
    assert (answer.status_code, code(answer)) == (401, expected)


def test_authorize_has_its_own_code_for_a_wrong_key(shop: Shop) -> None:
    """On authorize an unknown key is answered as the real service was seen to do."""
    answer = httpx.post(f"{shop.url}/v1/payments/authorize", auth=("s-priv-nobody", ""), json={}, trust_env=False)
    assert (answer.status_code, code(answer)) == (401, "API.320.000.002")


def test_a_public_key_makes_types_but_reads_no_payment(shop: Shop) -> None:
    """Types are open to it, payments answer 403 without the merchant's text."""
    with httpx.Client(base_url=shop.url, auth=(f"s-pub-{shop.name}", ""), trust_env=False) as public:
        assert public.post("/v1/types/card", json={}).status_code == 201
        answer = public.get(f"/v1/payments/{shop.seed('card')}")
    assert (answer.status_code, code(answer)) == (403, "API.710.000.007")
    assert "merchantMessage" not in answer.json()["errors"][0]


def test_a_further_key_pair_sees_only_its_own_payments(shop: Shop) -> None:
    """Payments belong to the pair that made them, and the keypair answer names the pair that asked."""
    pair = {"private_key": f"s-priv-{shop.name}2", "public_key": f"s-pub-{shop.name}2"}
    shop.configure(further_key_pairs=[pair])
    second = Shop(shop.url, shop.name, key=pair["private_key"])
    payment = shop.seed("card", public_key=pair["public_key"])
    assert second.get(f"payments/{payment}")["id"] == payment
    assert shop.api.get(f"/v1/payments/{payment}").status_code == 404
    assert second.get("keypair")["publicKey"] == pair["public_key"]
    second.close()


def test_a_key_cannot_belong_to_two_accounts(shop: Shop) -> None:
    """Creating a second account with a taken key is refused."""
    answer = shop.api.put(f"/control/accounts/{shop.name}X", json={"private_key": shop.key})
    assert answer.status_code == 409


def test_a_bearer_token_lasts_seven_minutes_of_the_account(shop: Shop) -> None:
    """It opens the API, its claim says when it ends, and after that it is refused."""
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True)
    token = shop.api.post("/v1/auth/token").json()["accessToken"]
    middle = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert claims["exp"] - claims["iat"] == 420
    bearer = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=shop.url, headers=bearer, trust_env=False) as client:
        assert client.get(f"/v1/payments/{shop.seed('card')}").status_code == 200
        shop.clock(instant="2027-01-01T10:06:59+00:00", frozen=True)
        assert client.get("/v1/keypair").status_code == 200
        shop.clock(instant="2027-01-01T10:07:00+00:00", frozen=True)
        assert client.get("/v1/keypair").status_code == 401
    forged = {"authorization": f"Bearer {token[:-4]}AAAA"}
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True)
    assert httpx.get(f"{shop.url}/v1/keypair", headers=forged, trust_env=False).status_code == 401


def test_more_than_two_tokens_in_a_second_are_a_violation(shop: Shop) -> None:
    """Of many creations at once all but two are refused and noted."""
    statuses = [shop.api.post("/v1/auth/token").status_code for _ in range(3)]
    noted = shop.control.get("/violations").json()
    assert statuses.count(429) == len(noted) >= 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"amount=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_bodies_that_cannot_be_read(shop: Shop, content: bytes, kind: str, status: int) -> None:
    """They are refused in the form of the API and nothing takes effect."""
    path = f"/v1/payments/{shop.seed('card')}/charges"
    answer = shop.api.post(path, content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["isError"]) == (status, True)
    assert shop.effects() == []


def test_a_body_above_the_limit_is_refused(shop: Shop) -> None:
    """413 with an announced length and without one."""
    large = b" " * (12 * 1024 * 1024 + 1)
    assert shop.api.post("/v1/types/card", content=large).status_code == 413
    assert shop.api.post("/v1/types/card", content=iter([large])).status_code == 413
    fitting = b"{}" + large[:-3]
    assert shop.api.post("/v1/types/card", content=fitting).status_code == 201
    assert shop.api.post("/v1/types/card", content=iter([b"{", b"}"])).status_code == 201


def test_unknown_paths_and_methods_answer_in_the_form_of_the_api(shop: Shop) -> None:
    """404 and 405 carry an error body below the versions of the API."""
    for method, path, status in (("GET", "/v1/nothing", 404), ("DELETE", "/v1/payments/s-pay-1", 405)):
        answer = shop.api.request(method, path)
        assert (answer.status_code, answer.json()["isError"]) == (status, True)


def test_order_ids_are_unique_only_where_the_merchant_wants_it(shop: Shop) -> None:
    """Duplicates pass by default, and reading by order id finds the newest; with the setting they are refused."""
    shop.seed("card", order_id="SO-1")
    second = shop.seed("card", order_id="SO-1")
    assert shop.get("payments/SO-1")["id"] == second
    shop.configure(unique_order_ids=True)
    body = {"amount": 1, "currency": "EUR", "orderId": "SO-1", "resources": {"typeId": shop.type_id("card")}}
    assert code(shop.post("payments/authorize", **body)) == "API.320.200.138"


def test_a_type_that_is_not_configured(shop: Shop) -> None:
    """The merchant's list limits what can be created and what the keypair shows."""
    shop.configure(types=["card", "eps"])
    assert shop.post("types/paypal").status_code == 405
    assert shop.get("keypair")["availablePaymentTypes"] == ["card", "EPS"]
    assert [one["type"] for one in shop.get("keypair/types")["paymentTypes"]] == ["card", "EPS"]
