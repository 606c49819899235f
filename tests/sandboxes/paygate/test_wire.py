"""The envelope: both ciphers, the signature, names and spellings, and requests that nobody can read."""

from urllib.parse import parse_qs

import pytest

from sandboxes.paygate.ciphers import Padding, Scheme, Unreadable, decrypt, encrypt, sign, signed_by
from tests.sandboxes.paygate.conftest import Merchant, pairs, seal, unseal

KEY = "sandbox-hmac-key-0123456789abcdef"
PAY_ID = "0123456789abcdef" * 2
CAPTURE_MAC = "6EB671FF84340F16796B509465BA9F33CC244D08067E299CEC72153DAEF90192"
CAPTURE = (
    f"MerchantID=test_merchant&PayID={PAY_ID}&TransID=order-1001&Amount=4000&Currency=EUR&FinishAuth=Y"
    f"&MAC={CAPTURE_MAC}"
)
CAPTURE_DATA = (
    "4a27a68454e9d169b30c8496bebda616ce8d478ee0e1a64c032a0d0d670bf567d063c38e912584514dd93ddfc6b9a681d063c38e91258451"
    "086a0beef3490f582fa12facaa5cf9b9d792b2e89ac298c418b29a29d1c8b6090e6a50b8153ae33d8893e130ff470be2009e3f1fc86dcc11"
    "60b94e3b373ddfd0be22de9c9385f738d38ce6c1d04a7f1f8241375e09d65021e6b0cc4f1cf3105d838b8424ae83c21fd9baf74b3c4e37ad"
    "8bee9685588f9ca0b1eef0a2cde035536ed93fa819a2ac87"
)
VECTORS = [
    (Scheme.BLOWFISH, "password", "plaintext", "14ec7a6da0fbb3e50a84b47302443328", Padding.ZERO),
    (Scheme.BLOWFISH, "sandbox-blowfish1", "Status=OK", "aa7cff6f05a0dc6b54a2a8937fbab49e", Padding.ZERO),
    (Scheme.BLOWFISH, "sandbox-blowfish1", CAPTURE, CAPTURE_DATA, Padding.ZERO),
    (
        Scheme.AES,
        "0123456789abcdef",
        "Status=OK",
        "000102030405060708090a0b0c0d0e0f-b6cf31ae9c09ca494a8819f0c12098c5",
        Padding.PKCS7,
    ),
]
SIGNED = [
    (
        ("", "order-1001", "test_merchant", "10000", "EUR"),
        "9D313604943CC976E666E62629FBF8308AE10F4C2EB61F61985AB5CF8208C0D8",
    ),
    ((PAY_ID, "order-1001", "test_merchant", "4000", "EUR"), CAPTURE_MAC),
    (
        (PAY_ID, "order-1001", "test_merchant", "", ""),
        "7B6AF4BEFD0DF54FB9CD7FAAF413A85772908BEB749B18E7073FE9E81A975489",
    ),
    (
        (PAY_ID, "order-1001", "test_merchant", "AUTHORIZED", "00000000"),
        "E4084AD7968BBF1C841D9621599F5B30AA5E5DB629E345654CCD707B7C59EFF9",
    ),
]


@pytest.mark.parametrize(("scheme", "password", "plain", "data", "padding"), VECTORS)
def test_ciphers_follow_the_vectors(scheme: Scheme, password: str, plain: str, data: str, padding: Padding) -> None:
    """Both directions give the published values, in capitals too."""
    assert encrypt(scheme, password, plain, padding=padding, iv=bytes(range(16))) == (len(plain), data)
    assert decrypt(scheme, password, len(plain), data) == plain
    assert decrypt(scheme, password, len(plain), data.upper()) == plain


@pytest.mark.parametrize(("parts", "mac"), SIGNED)
def test_signatures_follow_the_vectors(parts: tuple[str, ...], mac: str) -> None:
    """The signature is compared without regard to capitals, and one wrong digit is wrong."""
    assert sign(KEY, *parts) == mac
    assert signed_by(KEY, mac.lower(), *parts)
    assert not signed_by(KEY, "0" + mac[1:], *parts)
    assert not signed_by(KEY, "ÿ", *parts)


@pytest.mark.parametrize("padding", list(Padding))
@pytest.mark.parametrize("length", [1, 7, 8, 9, 16])
def test_either_padding_is_cut_off(length: int, padding: Padding) -> None:
    """What fills the last block does not matter to the reader."""
    for scheme in Scheme:
        text = "x" * length
        size, data = encrypt(scheme, "0123456789abcdef", text, padding=padding, iv=bytes(16))
        assert decrypt(scheme, "0123456789abcdef", size, data) == text


@pytest.mark.parametrize(
    ("length", "data"), [(17, "14ec7a6da0fbb3e50a84b47302443328"), (1, ""), (1, "zz"), (1, "14ec"), (1, "00-14ec")]
)
def test_broken_data_is_unreadable(length: int, data: str) -> None:
    """A length beyond the data, no data, no hex, half a block and the other scheme."""
    with pytest.raises(Unreadable):
        decrypt(Scheme.BLOWFISH, "password", length, data)


def test_the_published_capture_is_understood(shop: Merchant) -> None:
    """The vector's request reaches its merchant, who does not know the payment."""
    shop.configure(merchant_id="test_merchant", password="sandbox-blowfish1", hmac_key=KEY, etm=True)
    sent = {"MerchantID": "test_merchant", "Len": "189", "Data": CAPTURE_DATA}
    answer = shop.read(shop.api.post("/capture.aspx", data=sent))
    assert answer.outcome == ("FAILED", "20160001")
    assert shop.violations() == ["missing_req_id"]
    shop.configure()


def test_pages_and_methods_and_names_in_any_spelling(shop: Merchant) -> None:
    """GET as well as POST, pages and names in any capitals, the clear names too."""
    payment = shop.seed()
    fields = shop.signed(PayId=payment["pay_id"], transid=payment["trans_id"])
    fields["MERCHANTID"], fields["mac"] = fields.pop("MerchantID"), fields.pop("MAC").lower()
    sent = shop.envelope(fields)
    odd = {"merchantid": sent["MerchantID"], "LEN": sent["Len"], "data": sent["Data"].upper()}
    for answer in (
        shop.api.get("/INQUIRE.ASPX", params=odd),
        shop.api.post("/Inquire.aspx", data=odd),
        shop.api.post("/inquire.aspx", data=sent),
    ):
        assert shop.read(answer)["AmountAuth"] == "10000"
    assert shop.api.post("/paynow.aspx", data=sent).status_code == 404


@pytest.mark.parametrize("pad", [0, 7, None])
def test_any_padding_is_understood(shop: Merchant, pad: int | None) -> None:
    """Zeros, PKCS#7 and anything else are cut at the length."""
    payment = shop.seed()
    plain = shop.plain(shop.signed(PayID=payment["pay_id"], TransID="order-1"))
    sent = {"MerchantID": shop.name, "Len": str(len(plain)), "Data": seal(plain, shop.password, pad=pad)}
    assert shop.read(shop.api.post("/inquire.aspx", data=sent)).outcome == ("OK", "00000000")


def test_a_merchant_with_aes(shop: Merchant) -> None:
    """Messages go out and come back in AES with a vector of their own; Blowfish is not understood any more."""
    payment = shop.seed()
    old = shop.envelope(shop.signed(PayID=payment["pay_id"], TransID="order-1"))
    for size in (16, 24, 32):
        shop.configure(cipher="aes", password="k" * size)
        plain = shop.plain(shop.signed(PayID=payment["pay_id"], TransID="order-1"))
        sent = {"MerchantID": shop.name, "Len": str(len(plain)), "Data": seal(plain, shop.password, aes=True, pad=None)}
        answers = [shop.api.post("/inquire.aspx", data=sent) for _ in range(2)]
        assert [shop.read(one).outcome for one in answers] == [("OK", "00000000")] * 2
        assert answers[0].text != answers[1].text
    assert shop.read(shop.api.post("/inquire.aspx", data=old)).outcome == ("FAILED", "40010001")


@pytest.mark.parametrize("trouble", ["aes", "password", "merchant", "len", "huge", "long", "mac", "nothing"])
def test_what_cannot_be_attributed_is_answered_in_plain_text(shop: Merchant, trouble: str) -> None:
    """Unreadable, of an unknown merchant or wrongly signed: plain text, a PayID of zeros, and nothing happens."""
    payment = shop.seed()
    fields = shop.signed(PayID=payment["pay_id"], TransID="order-1", Amount=10000, Currency="EUR")
    if trouble == "mac":
        fields["MAC"] = "0" * 64
    plain = shop.plain(fields)
    sent = shop.envelope(fields)
    match trouble:
        case "aes":
            sent["Data"] = seal(plain, shop.password, aes=True)
        case "password":
            sent["Data"] = seal(plain, "another-password")
        case "merchant":
            sent["MerchantID"] = "nobody"
        case "len":
            sent["Len"] = "many"
        case "huge":
            sent["Len"] = "9" * 5000
        case "long":
            sent["Len"] = str(len(plain) + 8)
        case "nothing":
            sent = {}
    answer = shop.api.post("/capture.aspx", data=sent)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert answer.text == (f"PayID={'0' * 32}&TransID=na&Status=FAILED&Description=UnexpectedError&Code=40010001")
    assert shop.payment(payment["pay_id"])["state"] == "held"
    assert shop.violations() == (["wrong_mac"] if trouble == "mac" else [])


def test_a_missing_signature(shop: Merchant) -> None:
    """It is a missing parameter, unless the merchant need not sign; it breaks the rules either way."""
    payment = shop.seed()
    fields = {"PayID": payment["pay_id"], "TransID": "order-1", "MerchantID": shop.name}
    assert shop.read(shop.api.post("/inquire.aspx", data=shop.envelope(fields))).outcome == ("FAILED", "40100007")
    shop.configure(mac_required=False)
    assert shop.read(shop.api.post("/inquire.aspx", data=shop.envelope(fields))).outcome == ("OK", "00000000")
    assert shop.violations() == ["missing_mac", "missing_mac"]


def test_values_are_cut_at_the_first_equals_sign_only(shop: Merchant) -> None:
    """A value keeps its equals signs, plus signs, percent signs and umlauts."""
    value = "a=b==+%20ü"
    payment = shop.seed()
    assert shop.renew(payment, UserData=value)["UserData"] == value


def test_answers_in_another_spelling(shop: Merchant) -> None:
    """Capitals, PKCS#7, other names, another order and an unknown parameter: the same answer for a tolerant client."""
    payment = shop.seed()
    usual = shop.inquire(payment)
    shop.configure(answer_hex="upper", answer_padding="pkcs7", answer_names="mixed")
    answer = shop.post("inquire", PayID=payment["pay_id"], TransID="order-1")
    form = parse_qs(answer.text)
    data = form["Data"][0]
    assert data == data.upper()
    plain = unseal(int(form["Len"][0]), data, shop.password)
    assert "PAYID=" in plain or "payid=" in plain
    found = pairs(plain)
    assert found.pop("surprise") == "1"
    assert found == usual


def test_two_merchants_share_nothing(shop: Merchant) -> None:
    """A merchant id belongs to one account, and a payment to one merchant."""
    other = Merchant(shop.url, f"{shop.name}_2")
    other.configure()
    payment = shop.seed()
    assert other.call("inquire", PayID=payment["pay_id"], TransID="order-1").outcome == ("FAILED", "20160001")
    assert other.api.put(f"/control/accounts/{other.name}", json={"merchant_id": shop.name}).status_code == 409
    other.close()
