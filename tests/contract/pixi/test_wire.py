"""The wire: what a request looks like, how the WSDL is kept, and what odd servers and gateways may do to us."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from adapters.pixi import Limits, PixiConnection, PixiErp
from adapters.pixi.description import Description
from adapters.pixi.trouble import Trouble
from domain import reasons
from domain.errors import Misconfigured, Rejected, Transient
from domain.outcomes import OperationResult, Outcome
from domain.ports import CommentRequest
from tests.contract.pixi.envelopes import answer, fault, result_code, row_set
from tests.contract.pixi.house import COMMENT, FIRST, NOON, House, free
from tests.contract.pixi.stub import Reply, Stub, serving, wsdl

COMMENT_CALL = "pixiCreateOrderComment"
METHODS = {COMMENT_CALL: "UserName ORDERNR comment Extra", "pixiGetOrderHeader": "OrderNr"}
DONE: Reply = (200, {}, answer(result_code(0), COMMENT_CALL))
NOT_THERE = row_set([{"ErrorNr": "404", "ErrorMessage": "x"}])


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving(Stub(wsdl=(200, wsdl(METHODS)), replies=[DONE])) as one:
        yield one


def erp_at(stub: Stub, limits: Limits = Limits(), folder: Path | None = None, **fields: object) -> PixiErp:
    connection = PixiConnection("c", stub.url, "pixiX", "geheim", connect_timeout=2, read_timeout=2)
    return PixiErp(lambda _: replace(connection, **fields), limits=limits, wsdl_folder=folder)  # type: ignore[arg-type]


def comment(erp: PixiErp) -> OperationResult:
    return erp.comment("c", CommentRequest("7", COMMENT), FIRST, free)


def test_a_request_follows_the_description(stub: Stub) -> None:
    """Spelling and order of the parameters are the WSDL's, what is not needed is left out and never nil."""
    assert comment(erp_at(stub)).outcome is Outcome.SUCCEEDED
    _, headers, body = stub.requests[-1]
    call = etree.fromstring(body)[0][0]
    assert etree.QName(call).namespace == stub.url
    assert [(etree.QName(part).localname, part.text) for part in call] == [
        ("UserName", "holdfast"),
        ("ORDERNR", "7"),
        ("comment", "Zahlung geprüft [hf:ABCD2345]"),
    ]
    assert b"nil" not in body
    assert headers["SOAPAction"] == f'"{stub.url}{COMMENT_CALL}"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["Authorization"].startswith("Basic ")


def test_requests_go_to_the_connection_and_not_where_the_description_says(stub: Stub) -> None:
    """The address inside the WSDL may be one that only the ERP's own network knows."""
    comment(erp_at(stub))
    assert [verb for verb, _, _ in stub.requests] == ["GET", "POST"]


def test_the_description_is_read_once(stub: Stub) -> None:
    """Many calls, one WSDL."""
    erp = erp_at(stub)
    for _ in range(3):
        comment(erp)
    assert [verb for verb, _, _ in stub.requests].count("GET") == 1


def test_the_description_is_kept_on_disk(stub: Stub, tmp_path: Path) -> None:
    """A restarted worker does not fetch the WSDL again; a damaged file is read afresh."""
    folder = tmp_path / "wsdl"
    for _ in range(2):
        comment(erp_at(stub, folder=folder))
    assert [verb for verb, _, _ in stub.requests] == ["GET", "POST", "POST"]
    (kept,) = folder.iterdir()
    kept.write_bytes(b"<half")
    assert comment(erp_at(stub, folder=folder)).outcome is Outcome.SUCCEEDED
    assert [verb for verb, _, _ in stub.requests].count("GET") == 2


def test_an_old_description_is_read_again(stub: Stub, tmp_path: Path) -> None:
    """Methods that an update brings are seen within the time set."""
    erp = erp_at(stub, Limits(wsdl_age=timedelta(0)), tmp_path)
    comment(erp)
    comment(erp)
    assert [verb for verb, _, _ in stub.requests].count("GET") > 1


def test_a_fault_about_the_request_forgets_the_description(stub: Stub, tmp_path: Path) -> None:
    """An ERP that changed under us is asked anew what it offers."""
    erp = erp_at(stub, folder=tmp_path)
    stub.replies = [(500, {}, fault("Procedure has no parameter UserName")), DONE]
    assert comment(erp).outcome is Outcome.DECLINED
    stub.wsdl = (200, wsdl(METHODS | {COMMENT_CALL: "OrderNr Comment"}))
    assert comment(erp).outcome is Outcome.SUCCEEDED
    assert b"UserName" not in stub.requests[-1][2]


@pytest.mark.parametrize(
    ("given", "outcome", "reason"),
    [
        ((401, b"no"), Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ((404, b"no"), Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ((503, b"no"), Outcome.NOT_SENT, reasons.UNREACHABLE),
        ((200, b""), Outcome.NOT_SENT, reasons.UNREACHABLE),
        ((200, b"<html/>"), Outcome.NOT_SENT, reasons.UNREACHABLE),
        ((200, wsdl({"pixiOther": "A"})), Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ((200, wsdl({COMMENT_CALL: "OrderNr"})), Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ((200, b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + wsdl(METHODS)), Outcome.NOT_SENT, reasons.UNREACHABLE),
    ],
)
def test_without_a_usable_description_nothing_is_sent(
    stub: Stub, given: tuple[int, bytes], outcome: Outcome, reason: str
) -> None:
    """No request is built on a guess."""
    stub.wsdl = given
    result = comment(erp_at(stub))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert all(verb == "GET" for verb, _, _ in stub.requests)


def test_a_description_that_refers_elsewhere_opens_no_connection(stub: Stub) -> None:
    """An import of another address is refused, not followed."""
    imported = b'<types><x:schema><x:import namespace="urn:y" schemaLocation="@URL@other.xsd"/></x:schema>'
    with pytest.raises(Trouble):
        Description(wsdl(METHODS).replace(b"<types>", imported).replace(b"@URL@", stub.url.encode()))
    assert stub.requests == []


@pytest.mark.parametrize("style", ["microsoft", "any"])
def test_both_ways_to_declare_a_row_set_are_fine(make_house: Callable[..., House], style: str) -> None:
    """The WSDL that zeep cannot read answers with serves to build requests all the same."""
    house = make_house({"row_set_style": style})
    assert house.snapshot(house.order()) is not None


def test_the_gateway_for_everybody_works_too(house: House) -> None:
    """One address for all databases, the credentials tell which."""
    order_no = house.order()
    through = PixiErp(lambda name: replace(house.connection(name), base_url=f"{house.url}/tms/pixi/"))
    shot = through.snapshot("c", order_no, NOON, free)
    assert shot == house.snapshot(order_no)


@pytest.mark.parametrize(
    ("reply", "outcome", "reason"),
    [
        ((200, {}, b""), Outcome.UNKNOWN, reasons.BAD_ANSWER),
        ((200, {}, b"<html>Wartung</html>"), Outcome.UNKNOWN, reasons.BAD_ANSWER),
        ((302, {"Location": "/login"}, b""), Outcome.UNKNOWN, reasons.BAD_ANSWER),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), Outcome.UNKNOWN, reasons.BAD_ANSWER),
        ((504, {}, b"<html>Gateway Time-out</html>"), Outcome.UNKNOWN, reasons.SERVER_ERROR),
        ((500, {}, fault("Out of memory")), Outcome.UNKNOWN, reasons.SERVER_ERROR),
        ((200, {}, fault("Unknown method")), Outcome.DECLINED, reasons.REFUSED),
        ((500, {}, answer(result_code(0), COMMENT_CALL)), Outcome.UNKNOWN, reasons.SERVER_ERROR),
        ((200, {}, answer(result_code(0), "pixiGetShops")), Outcome.UNKNOWN, reasons.BAD_ANSWER),
        (
            (200, {}, answer(NOT_THERE, COMMENT_CALL)),
            Outcome.DECLINED,
            reasons.NOT_FOUND,
        ),
    ],
)
def test_what_gateways_answer_instead(stub: Stub, reply: Reply, outcome: Outcome, reason: str) -> None:
    """Pages, redirects, broken encodings and strangers' answers are never taken for a yes or a no."""
    stub.replies = [reply]
    result = comment(erp_at(stub))
    assert (result.outcome, result.reason) == (outcome, reason)


def test_an_answer_that_drips_is_given_up(stub: Stub) -> None:
    """A server that sends a few bytes now and then does not hold a worker for ever."""
    erp = erp_at(stub, connect_timeout=0.3, read_timeout=0.3)
    assert comment(erp).outcome is Outcome.SUCCEEDED
    stub.drip = 0.1
    result = comment(erp)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.NO_ANSWER)


def test_an_answer_that_is_too_long_is_given_up(stub: Stub) -> None:
    """The bound holds while the answer comes in, not afterwards."""
    stub.replies = [(200, {}, b" " * 3_000_000)]
    result = comment(erp_at(stub, Limits(answer_bytes=1_000_000)))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)


def test_a_record_that_is_not_found_is_an_empty_answer_to_a_read(stub: Stub) -> None:
    """Some calls say 404 in a column instead of answering without rows."""
    stub.replies = [(200, {}, answer(NOT_THERE, "pixiGetOrderHeader"))]
    assert erp_at(stub).snapshot("c", "7", NOON, free) is None


@pytest.mark.parametrize("text", ["12,50", "viel"])
def test_a_value_of_the_wrong_shape_is_not_guessed(stub: Stub, text: str) -> None:
    """A number that cannot be read makes the whole answer unusable."""
    row = {"OrderNr": "7", "ShipCost": text}
    stub.replies = [(200, {}, answer(row_set([row]), "pixiGetOrderHeader"))]
    with pytest.raises(Transient):
        erp_at(stub).snapshot("c", "7", NOON, free)


def test_a_refused_question_is_rejected(stub: Stub) -> None:
    """A fault about our request is not repeated as it is."""
    stub.replies = [(500, {}, fault("wrong parameters"))]
    with pytest.raises(Rejected):
        erp_at(stub).snapshot("c", "7", NOON, free)


@pytest.mark.parametrize("url", ["ftp://erp.example/", "erp.example", "http://erp.example:port/", ""])
def test_an_impossible_address_is_the_tenants_affair(url: str) -> None:
    """Nothing can be sent to what is no address."""
    erp = PixiErp(lambda name: PixiConnection(name, url, "u", "p"))
    assert comment(erp).reason == reasons.MISCONFIGURED
    with pytest.raises(Misconfigured):
        erp.snapshot("c", "7", NOON, free)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for the loopback address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stub")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private


def test_certificates_are_verified(tmp_path: Path) -> None:
    """An unknown certificate stops everything before it is sent; with its CA file it is trusted."""
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def secure(server: ThreadingHTTPServer) -> None:
        server.socket = context.wrap_socket(server.socket, server_side=True)

    with serving(Stub(wsdl=(200, wsdl(METHODS)), replies=[DONE]), secure) as stub:
        result = comment(erp_at(stub))
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
        assert stub.requests == []
        assert comment(erp_at(stub, ca_file=str(cert))).outcome is Outcome.SUCCEEDED


def test_a_missing_ca_file_is_the_tenants_affair(tmp_path: Path) -> None:
    """A file that is not there is told, not skipped."""
    erp = PixiErp(lambda name: PixiConnection(name, "https://erp.example/", "u", "p", ca_file=str(tmp_path / "no")))
    assert comment(erp).reason == reasons.MISCONFIGURED


def test_the_password_is_in_no_text(stub: Stub) -> None:
    """A connection that is printed by mistake does not tell its password."""
    assert "geheim" not in repr(PixiConnection("c", stub.url, "u", "geheim"))
