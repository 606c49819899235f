"""`holdfast setup connection …`."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from administration.connections import ConnectionView, WantedConnection
from cli.setup.options import ERP_PASSWORD, Json, Of, Version, Who, secret_from, stdin_option
from cli.setup.printing import plain_hints, show, show_all
from cli.setup.process import LATER, REFUSED, services_of_process
from domain.setup import CheckState

commands = typer.Typer(no_args_is_help=True, help="ERP connections, proved when they are saved.")

Name = Annotated[str, typer.Argument(help="Name of the connection.")]
Stdin = Annotated[bool, stdin_option("password", ERP_PASSWORD)]


@commands.command("add")
def add_connection(
    name: Name,
    tenant: Of,
    url: Annotated[str, typer.Option(help="Address of the ERP's SOAP interface, trailing slash included.")],
    user: Annotated[str, typer.Option(help="User name of the interface.")],
    poll_seconds: Annotated[int | None, typer.Option(min=1, help="Asked that often; 300 by itself.")] = None,
    ca_file: Annotated[str | None, typer.Option(help="File with the authority to trust.")] = None,
    password_stdin: Stdin = False,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add an ERP connection after the ERP took the credentials."""
    with services_of_process(as_json) as services:
        password = secret_from("Password of the ERP", ERP_PASSWORD, password_stdin)
        wanted = WantedConnection(name, url, user, password, _seconds(poll_seconds), ca_file)
        show(as_json, _connection(services.connections.save(tenant, wanted, by=by, expected=0)))


@commands.command("edit")
def edit_connection(
    name: Name,
    tenant: Of,
    url: Annotated[str | None, typer.Option()] = None,
    user: Annotated[str | None, typer.Option()] = None,
    poll_seconds: Annotated[int | None, typer.Option(min=1)] = None,
    ca_file: Annotated[str | None, typer.Option()] = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="Ask for another password.")] = False,
    password_stdin: Stdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Change an ERP connection; the ERP has to take the credentials."""
    with services_of_process(as_json) as services:
        services.connections.get(tenant, name)
        wanted_password = new_password or password_stdin
        password = secret_from("New password of the ERP", ERP_PASSWORD, password_stdin) if wanted_password else None
        wanted = WantedConnection(name, url, user, password, _seconds(poll_seconds), ca_file)
        show(as_json, _connection(services.connections.save(tenant, wanted, by=by, expected=version)))


@commands.command("list")
def list_connections(tenant: Of, as_json: Json = False) -> None:
    """Show a tenant's ERP connections and whether their credentials are proven."""
    with services_of_process(as_json) as services:
        found = [_connection(one) for one in services.connections.all(tenant)]
        show_all(as_json, found, ("name", "base_url", "username", "active", "state", "proven_at", "version"))


@commands.command("show")
def show_connection(name: Name, tenant: Of, as_json: Json = False) -> None:
    """Show one ERP connection with what its ERP lacks."""
    with services_of_process(as_json) as services:
        show(as_json, _connection(services.connections.get(tenant, name)))


@commands.command("verify")
def verify_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Prove the credentials now. Ends with 1 when the ERP refuses them, with 3 when it cannot be asked."""
    with services_of_process(as_json) as services:
        view = services.connections.verify(tenant, name, by=by)
        show(as_json, _connection(view))
        if view.check.state is CheckState.REFUSED:
            raise typer.Exit(REFUSED)
        if view.check.state is CheckState.UNVERIFIED or view.check.reason:
            raise typer.Exit(LATER)


@commands.command("activate")
def activate_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch an ERP connection on; its configurations come back with it."""
    with services_of_process(as_json) as services:
        show(as_json, _connection(services.connections.set_active(tenant, name, True, by=by)))


@commands.command("deactivate")
def deactivate_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch an ERP connection off; nothing is sent for its orders any more."""
    with services_of_process(as_json) as services:
        show(as_json, _connection(services.connections.set_active(tenant, name, False, by=by)))


@commands.command("offer")
def show_offer(name: Name, tenant: Of, as_json: Json = False) -> None:
    """Show the shops and payment types that can be configured."""
    with services_of_process(as_json) as services:
        found = services.connections.offered(tenant, name)
        shops = [{"id": one.id, "name": one.name} for one in found.offer.shops]
        types = [{"code": one.code, "text": one.text, "xml_tag": one.xml_tag} for one in found.offer.payment_types]
        show(as_json, {"as_of": found.at, "fresh": found.fresh, "shops": shops, "payment_types": types})


def _seconds(value: int | None) -> timedelta | None:
    return timedelta(seconds=value) if value is not None else None


def _connection(view: ConnectionView) -> dict[str, Any]:
    connection, check = view.connection, view.check
    missing = [{"call": one.call, "lost": one.lost} for one in check.offer.missing] if check.offer else None
    return {
        "tenant": connection.tenant,
        "name": connection.name,
        "base_url": connection.base_url,
        "username": connection.username,
        "active": connection.active,
        "poll_interval_seconds": int(connection.poll_interval.total_seconds()),
        "ca_file": connection.ca_file,
        "version": connection.revision,
        "state": check.state.value,
        "reason": check.reason,
        "proven_at": check.proven_at,
        "next_check_at": check.due_at,
        "missing_calls": missing,
        "hints": plain_hints(view.hints),
    }
