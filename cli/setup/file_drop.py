"""`holdfast setup file-drop …`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from administration.file_drops import WantedDrop
from cli.setup.options import DROP_SECRET, Json, Of, Version, Who, secret_from, stdin_option
from cli.setup.printing import print_json, show
from cli.setup.process import REFUSED, services_of_process
from domain.file_drop import DropLogin, DropProtocol, FileDropSettings

commands = typer.Typer(no_args_is_help=True, help="The folder on a file server that failure files are put into.")

Stdin = Annotated[bool, stdin_option("password", DROP_SECRET)]


@commands.command("show")
def show_drop(tenant: Of, as_json: Json = False) -> None:
    """Show the folder. Its password or key is never shown."""
    with services_of_process(as_json) as services:
        show(as_json, _drop(services.file_drops.get(tenant)))


@commands.command("set")
def set_drop(
    tenant: Of,
    host: Annotated[str, typer.Option(help="Name of the file server.")],
    user: Annotated[str, typer.Option(help="Who logs in.")],
    protocol: Annotated[DropProtocol, typer.Option(help="SFTP; plain FTP only where nothing else is to be had.")] = (
        DropProtocol.SFTP
    ),
    port: Annotated[int | None, typer.Option(help="Left out: 22 for SFTP, 21 for FTP.")] = None,
    folder: Annotated[str, typer.Option(help="Below the place where the login leads to; left out: that place.")] = "",
    host_key: Annotated[
        str, typer.Option(help="The server's public key, `ssh-ed25519 AAAA…`; needed unless it is this machine.")
    ] = "",
    key_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Log in with this private key, not a password.")
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Confirms plain FTP: everybody on the way can read along.")
    ] = False,
    active: Annotated[bool, typer.Option(help="Whether files are delivered at all.")] = True,
    password_stdin: Stdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Set the folder. Without a password or key the one that is kept stays."""
    with services_of_process(as_json) as services:
        if key_file is not None:
            secret: str | None = key_file.read_text(encoding="utf-8")
        else:
            secret = secret_from("Password (empty: the one that is kept)", DROP_SECRET, password_stdin)
        wanted = WantedDrop(
            protocol=protocol,
            host=host,
            username=user,
            port=port,
            login=DropLogin.KEY if key_file is not None else DropLogin.PASSWORD,
            secret=secret,
            folder=folder,
            host_key=host_key,
            unencrypted=unencrypted,
            active=active,
        )
        show(as_json, _drop(services.file_drops.save(tenant, wanted, by=by, expected=version)))


@commands.command("test")
def try_drop(tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Put a small file there now and take it away again. Ends with 1 and one sentence when that does not work."""
    with services_of_process(as_json) as services:
        found = services.file_drops.test(tenant, by=by)
        if as_json:
            print_json({"works": found.works, "verdict": found.verdict.value, "de": found.de, "en": found.en})
        else:
            print(found.en, file=sys.stdout if found.works else sys.stderr)
        if not found.works:
            raise typer.Exit(REFUSED)


def _drop(settings: FileDropSettings) -> dict[str, Any]:
    return {
        "tenant": settings.tenant,
        "protocol": settings.protocol.value,
        "host": settings.host,
        "port": settings.port,
        "username": settings.username,
        "login": settings.login.value,
        "folder": settings.folder,
        "host_key": settings.host_key,
        "unencrypted": settings.unencrypted,
        "active": settings.active,
        "version": settings.revision,
    }
