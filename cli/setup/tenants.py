"""`holdfast setup tenant …`."""

from typing import Annotated, Any

import typer

from cli.setup.options import Json, Who
from cli.setup.printing import show, show_all
from cli.setup.process import services_of_process
from domain.parties import Tenant
from domain.tenant_config import Language

commands = typer.Typer(no_args_is_help=True, help="Tenants.")


@commands.command("add")
def add_tenant(
    tenant: Annotated[str, typer.Argument(help="Its id: small letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="The merchant's name.")],
    language: Annotated[Language, typer.Option(help="Of mails and comments.")] = Language.GERMAN,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add a tenant, or change name and language of one."""
    with services_of_process(as_json) as services:
        show(as_json, _tenant(services.tenants.save(tenant, name, language, by=by)))


@commands.command("list")
def list_tenants(as_json: Json = False) -> None:
    """Show every tenant."""
    with services_of_process(as_json) as services:
        show_all(as_json, [_tenant(one) for one in services.tenants.all()], ("id", "name", "language", "simulated"))


def _tenant(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "name": tenant.name,
        "language": tenant.language.value,
        "simulated": tenant.simulated,
    }
