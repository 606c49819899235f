"""`holdfast setup configuration …`."""

from dataclasses import replace
from typing import Annotated, Any, Unpack

import typer

from administration.configurations import ConfigurationView, Saved
from administration.fields import Fields
from administration.places import Place
from cli.setup.field_options import Entered, changes_of, with_field_options
from cli.setup.options import PRIVATE_KEY, Json, Of, Version, Who, secret_from, stdin_option
from cli.setup.printing import plain_hints, show, show_all
from cli.setup.process import services_of_process
from domain.parties import ConfigurationVersion

commands = typer.Typer(no_args_is_help=True, help="One per connection, shop and payment type of the ERP.")

Id = Annotated[str, typer.Argument(help="Id of the configuration.")]
Connection = Annotated[str, typer.Option(help="Name of the connection.")]
Shop = Annotated[str, typer.Option(help="Id of the shop in the ERP.")]
PaymentType = Annotated[str, typer.Option(help="Code of the payment type in the ERP.")]
KeyStdin = Annotated[bool, stdin_option("private-key", PRIVATE_KEY)]


@commands.command("list")
def list_configurations(tenant: Of, as_json: Json = False) -> None:
    """Show a tenant's configurations."""
    with services_of_process(as_json) as services:
        found = [_configuration(one) for one in services.configurations.all(tenant)]
        show_all(as_json, found, ("id", "version", "active", "in_force", "xml_tag", "mode", "public_key"))


@commands.command("show")
def show_configuration(configuration: Id, tenant: Of, as_json: Json = False) -> None:
    """Show one configuration. Its private key is never shown."""
    with services_of_process(as_json) as services:
        show(as_json, _configuration(services.configurations.get(tenant, configuration)))


@commands.command("create")
@with_field_options
def create_configuration(
    tenant: Of,
    connection: Connection,
    shop: Shop,
    payment_type: PaymentType,
    *,
    inactive: Annotated[bool, typer.Option("--inactive", help="Save it switched off.")] = False,
    private_key_stdin: KeyStdin = False,
    by: Who = "cli",
    as_json: Json = False,
    **entered: Unpack[Entered],
) -> None:
    """Add a configuration. Without a private key the one that is kept for the public key is used."""
    with services_of_process(as_json) as services:
        changes = replace(
            changes_of(entered),
            active=not inactive,
            private_key=_first_key(entered, private_key_stdin),
        )
        place = Place(connection, shop, payment_type)
        show(as_json, _saved(services.configurations.create(tenant, place, changes, by=by)))


@commands.command("edit")
@with_field_options
def edit_configuration(
    configuration: Id,
    tenant: Of,
    *,
    new_private_key: Annotated[bool, typer.Option("--new-private-key", help="Ask for another private key.")] = False,
    private_key_stdin: KeyStdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
    **entered: Unpack[Entered],
) -> None:
    """Change fields. Orders under way keep the version they began with; a note says how many."""
    with services_of_process(as_json) as services:
        services.configurations.get(tenant, configuration)
        changes = replace(
            changes_of(entered),
            private_key=_new_key(new_private_key or entered["public_key"] is not None, private_key_stdin),
        )
        show(as_json, _saved(services.configurations.edit(tenant, configuration, changes, by=by, expected=version)))


@commands.command("copy")
@with_field_options
def copy_configuration(
    configuration: Id,
    tenant: Of,
    connection: Connection,
    shop: Shop,
    payment_type: PaymentType,
    save: Annotated[bool, typer.Option("--save", help="Save the copy; without, it is only shown.")] = False,
    *,
    private_key_stdin: KeyStdin = False,
    by: Who = "cli",
    as_json: Json = False,
    **entered: Unpack[Entered],
) -> None:
    """Copy a configuration to another connection, shop or payment type; fields that are given differ.

    The copy exists once it is saved: without `--save` the command shows what would be copied.
    """
    place = Place(connection, shop, payment_type)
    with services_of_process(as_json) as services:
        draft = services.configurations.draft_copy(tenant, configuration, place)
        if not save:
            shown = {"copied_from": draft.copied_from, **vars(draft.place), **_fields(draft.fields), "saved": False}
            show(as_json, shown | {"hints": plain_hints(draft.hints)})
            return
        changes = replace(
            changes_of(entered), private_key=_new_key(entered["public_key"] is not None, private_key_stdin)
        )
        saved = services.configurations.create(tenant, place, changes, by=by, copied_from=configuration)
        show(as_json, _saved(saved))


@commands.command("activate")
def activate_configuration(configuration: Id, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch a configuration on, if the ERP still offers its payment type."""
    with services_of_process(as_json) as services:
        show(as_json, _saved(services.configurations.set_active(tenant, configuration, True, by=by)))


@commands.command("deactivate")
def deactivate_configuration(configuration: Id, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch a configuration off; nothing is sent for its orders any more."""
    with services_of_process(as_json) as services:
        show(as_json, _saved(services.configurations.set_active(tenant, configuration, False, by=by)))


@commands.command("history")
def show_history(configuration: Id, tenant: Of, as_json: Json = False) -> None:
    """Show every version, oldest first, with who made it."""
    with services_of_process(as_json) as services:
        found = [_version(one) for one in services.configurations.history(tenant, configuration)]
        show_all(as_json, found, tuple(found[0]) if found else ())


def _first_key(entered: Entered, stdin: bool) -> str | None:
    """The private key of a new configuration; an account has its own."""
    if entered["account"] is not None and not stdin:
        return None
    return secret_from("Private key (empty: the one that is kept)", PRIVATE_KEY, stdin)


def _new_key(wanted: bool, from_stdin: bool) -> str | None:
    if not wanted and not from_stdin:
        return None
    return secret_from("Private key", PRIVATE_KEY, from_stdin)


def _fields(fields: Fields) -> dict[str, Any]:
    """The fields that may be shown."""
    shown = {name: one for name, one in vars(fields).items() if name != "private_key"}
    return shown | {"mode": fields.mode.value}


def _configuration(view: ConfigurationView) -> dict[str, Any]:
    configuration = view.configuration
    return {
        "id": configuration.id,
        "version": configuration.config.version,
        "tenant": configuration.tenant,
        "connection": configuration.connection,
        "shop_id": configuration.shop_id,
        "payment_code": configuration.payment_code,
        "in_force": view.in_force,
        **_fields(view.fields),
        "provider_account": configuration.config.provider_account,
    }


def _saved(saved: Saved) -> dict[str, Any]:
    return _configuration(saved.view) | {"changed": saved.changed, "hints": plain_hints(saved.hints)}


def _version(one: ConfigurationVersion) -> dict[str, Any]:
    config = one.configuration.config
    return {
        "version": config.version,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "invoice_event": config.invoice_event,
        "return_event": config.return_event,
        "xml_tag": config.xml_tag,
        "tolerance_minor": config.tolerance_minor,
        "mode": config.mode.value,
        "provider_account": config.provider_account,
    }
