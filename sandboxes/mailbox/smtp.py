"""The SMTP side: takes mail for any address, with or without a login, and plays the armed faults."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandboxes.mailbox.faults import MailFaultKind, MailFaults
from sandboxes.mailbox.store import Mailbox

SIZE_LIMIT = 32 * 1024 * 1024
ANSWERS = {
    MailFaultKind.REJECT_TEMPORARY: "451 4.3.0 try again later",
    MailFaultKind.REJECT_PERMANENT: "550 5.7.1 not accepted here",
}


class Taking:
    """Keeps every mail that arrives, unless a fault says otherwise."""

    def __init__(self, mailbox: Mailbox, faults: MailFaults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipients = [str(one) for one in envelope.rcpt_tos]
        kind = self._faults.for_mail(recipients)
        if kind in ANSWERS:
            return ANSWERS[kind]
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        login = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else ""
        mail_id = self._mailbox.add(str(envelope.mail_from or ""), recipients, raw, login)
        if kind is MailFaultKind.DROP_AFTER_DATA and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
            await asyncio.Event().wait()  # ends by cancellation as soon as the server sees the cut
        return f"250 2.0.0 kept as {mail_id}"


class Connection(SMTP):
    """One SMTP connection; a `refuse` fault cuts it before the greeting."""

    def __init__(self, faults: MailFaults, credentials: tuple[str, str] | None, handler: Taking) -> None:
        self._faults = faults
        self._credentials = credentials
        super().__init__(
            handler,
            hostname="mailbox",
            ident="mailbox sandbox",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=self._check,
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._faults.refuses() and isinstance(transport, asyncio.Transport):
            transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.session is not None:
            super().data_received(data)

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        fits = given is not None and self._credentials in (None, given)
        return AuthResult(success=fits, handled=False, auth_data=data)


async def serve_smtp(
    mailbox: Mailbox, faults: MailFaults, *, host: str, port: int, credentials: tuple[str, str] | None
) -> asyncio.Server:
    """Listen for mail. With `credentials` a login has to be that one; mail without a login is always taken."""
    handler = Taking(mailbox, faults)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(faults, credentials, handler), host, port)
