"""Mail over an encrypted connection: after the greeting or from the first byte, with a certificate we trust."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.mail.adapter import SmtpNotifier
from adapters.mail.settings import MailSettings
from domain.outcomes import Outcome
from domain.ports import Mail
from domain.tenant_config import Language
from tests.support.ports import free_port

MAIL = Mail("t", "[t] 2035 capture failed", "text", "<KEY@holdfast>", Language.ENGLISH)


class Taken:
    """Keeps what the server took."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.subjects.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback address that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    found = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + found.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[MailSettings, Taken]]:
    """A mail server that takes nothing unencrypted, in either way."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    taken, port, implicit = Taken(), free_port(), request.param == "tls"
    options = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
    controller = Controller(taken, hostname="127.0.0.1", port=port, loop=asyncio.new_event_loop(), **options)
    controller.start()
    try:
        yield MailSettings("127.0.0.1", port, "", "", "a@t.example", "b@t.example", not implicit, 5, implicit), taken
    finally:
        controller.stop()


def test_a_mail_goes_over_an_encrypted_connection(server: tuple[MailSettings, Taken], certificate: Path) -> None:
    """The server takes the mail once the connection is encrypted."""
    settings, taken = server
    trusting = ssl.create_default_context(cafile=str(certificate))
    result = SmtpNotifier(lambda tenant: settings, tls=trusting).send(MAIL, lambda: None)
    assert result.outcome is Outcome.SUCCEEDED
    assert len(taken.subjects) == 1


def test_an_unknown_certificate_is_a_wrong_setting(server: tuple[MailSettings, Taken]) -> None:
    """Nothing is handed to a server that nobody vouches for, and the tenant hears why."""
    settings, taken = server
    result = SmtpNotifier(lambda tenant: settings).send(MAIL, lambda: None)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, "misconfigured")
    assert taken.subjects == []
