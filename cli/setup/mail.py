"""`holdfast setup mail …`."""

import sys
from typing import Annotated, Any

import typer

from administration.mail import WantedMail
from cli.setup.options import MAIL_PASSWORD, Json, Of, Version, Who, secret_from, stdin_option
from cli.setup.printing import print_json, show
from cli.setup.process import REFUSED, services_of_process
from domain.parties import MailSecurity, MailSettings

commands = typer.Typer(no_args_is_help=True, help="The mail account that problems are reported through.")

Stdin = Annotated[bool, stdin_option("password", MAIL_PASSWORD)]


@commands.command("show")
def show_mail(tenant: Of, as_json: Json = False) -> None:
    """Show the mail account. Its password is never shown."""
    with services_of_process(as_json) as services:
        show(as_json, _mail(services.mail.get(tenant)))


@commands.command("set")
def set_mail(
    tenant: Of,
    host: Annotated[str, typer.Option(help="Name of the mail server.")],
    sender: Annotated[str, typer.Option(help="From whom the mails are.")],
    recipient: Annotated[str, typer.Option(help="Where they go: one address, which may forward to several.")],
    port: Annotated[int, typer.Option(help="Mostly 587 with STARTTLS, 465 with TLS.")] = 587,
    security: Annotated[MailSecurity, typer.Option(help="How the connection is protected.")] = MailSecurity.STARTTLS,
    user: Annotated[str, typer.Option(help="Who logs in; left out: nobody.")] = "",
    password_stdin: Stdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Set the mail account. Without a password the one that is kept stays."""
    with services_of_process(as_json) as services:
        password = (
            secret_from("Password (empty: the one that is kept)", MAIL_PASSWORD, password_stdin) if user else None
        )
        wanted = WantedMail(host, port, sender, recipient, security, user, password)
        show(as_json, _mail(services.mail.save(tenant, wanted, by=by, expected=version)))


@commands.command("test")
def send_test_mail(tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Send a test mail now. Ends with 1 and one sentence when the mail server does not take it."""
    with services_of_process(as_json) as services:
        found = services.mail.test(tenant, by=by)
        if as_json:
            print_json({"taken": found.taken, "verdict": found.verdict.value, "de": found.de, "en": found.en})
        else:
            print(found.en, file=sys.stdout if found.taken else sys.stderr)
        if not found.taken:
            raise typer.Exit(REFUSED)


def _mail(settings: MailSettings) -> dict[str, Any]:
    return {
        "tenant": settings.tenant,
        "host": settings.host,
        "port": settings.port,
        "security": settings.security.value,
        "username": settings.username,
        "sender": settings.sender,
        "recipient": settings.recipient,
        "version": settings.revision,
    }
