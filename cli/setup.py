"""The commands `holdfast setup …`: tenants, ERP connections, configurations and mail.

They say and refuse what the API says and refuses. Secrets come from a prompt, standard input or the environment, never
from the command line, where every process on the machine could read them. Exit codes: 0 done, 1 refused, 2 wrong usage,
3 not now, try again later.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from administration import Administration, Refused
from administration.configurations import ConfigurationView, Place, Saved
from administration.connections import ConnectionView, WantedConnection
from administration.fields import Changes, Fields, tolerance
from administration.mail import WantedMail
from administration.refusals import Hint, Why
from cli.logs import configure_logs
from cli.setup_wiring import administration_over
from cli.wiring import Stores, settings_of_process
from domain.errors import HoldfastError
from domain.parties import MailSecurity, MailSettings, Tenant
from domain.setup import CheckState
from domain.tenant_config import AppMode, Language

REFUSED, LATER = 1, 3
ERP_PASSWORD, PRIVATE_KEY, MAIL_PASSWORD = "HOLDFAST_ERP_PASSWORD", "HOLDFAST_PRIVATE_KEY", "HOLDFAST_MAIL_PASSWORD"

console = Console()
setup = typer.Typer(no_args_is_help=True, help="Set up merchants: tenants, ERP connections, configurations, mail.")
tenants = typer.Typer(no_args_is_help=True, help="Tenants.")
connections = typer.Typer(no_args_is_help=True, help="ERP connections, proved when they are saved.")
configurations = typer.Typer(no_args_is_help=True, help="One per connection, shop and payment type of the ERP.")
mail = typer.Typer(no_args_is_help=True, help="The mail account that problems are reported through.")
setup.add_typer(tenants, name="tenant")
setup.add_typer(connections, name="connection")
setup.add_typer(configurations, name="configuration")
setup.add_typer(mail, name="mail")

Of = Annotated[str, typer.Option("--tenant", help="Whose.")]
Who = Annotated[str, typer.Option("--by", help="Who does it; stands in the audit trail.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON; errors too.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help=f"Read the password from standard input. Or {ERP_PASSWORD}.")
]
MailStdin = Annotated[
    bool, typer.Option("--password-stdin", help=f"Read the password from standard input. Or {MAIL_PASSWORD}.")
]
KeyStdin = Annotated[
    bool, typer.Option("--private-key-stdin", help=f"Read the private key from standard input. Or {PRIVATE_KEY}.")
]
Version = Annotated[int | None, typer.Option(min=1, help="Change only this version; left out: whatever stands.")]
Name = Annotated[str, typer.Argument(help="Name of the connection.")]
Id = Annotated[str, typer.Argument(help="Id of the configuration.")]
Connection = Annotated[str, typer.Option(help="Name of the connection.")]
Shop = Annotated[str, typer.Option(help="Id of the shop in the ERP.")]
PaymentType = Annotated[str, typer.Option(help="Code of the payment type in the ERP.")]
InvoiceEvent = Annotated[str | None, typer.Option(help="Booking event for invoices, 1 to 3 characters, positive.")]
ReturnEvent = Annotated[str | None, typer.Option(help="Booking event for returns, 1 to 3 characters, negative.")]
XmlTag = Annotated[str | None, typer.Option(help="XML tag of the payment method, without special characters.")]
Tolerance = Annotated[str | None, typer.Option(help="Largest rounding difference in minor units (cents).")]
PublicKey = Annotated[str | None, typer.Option(help="The provider's public key.")]
Mode = Annotated[AppMode | None, typer.Option(help="When the money is taken.")]
ProviderUrl = Annotated[str | None, typer.Option(help="Only for keys that are used at an unusual address.")]


@contextmanager
def services_of_process(as_json: bool) -> Iterator[Administration]:
    """The services over the database of the environment; what is refused ends the command with its words."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        stores = Stores.open(settings)
        try:
            yield administration_over(stores)
        finally:
            stores.close()
    except Refused as refusal:
        _say_no(as_json, refusal.code, refusal.message, refusal.what_to_do)
        raise typer.Exit(LATER if refusal.why is Why.LATER else REFUSED) from None
    except HoldfastError as error:
        _say_no(as_json, "unusable", str(error), "")
        raise typer.Exit(REFUSED) from None


def _say_no(as_json: bool, code: str, message: str, what_to_do: str) -> None:
    if as_json:
        print_json({"error": {"code": code, "message": message, "what_to_do": what_to_do}})
    else:
        print(f"{message} {what_to_do}".strip(), file=sys.stderr)


def print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _secret(what: str, variable: str, from_stdin: bool) -> str | None:
    """A secret from standard input, the environment or a prompt; None when there is none of the three."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or None
    if os.environ.get(variable):
        return os.environ[variable]
    if sys.stdin.isatty():
        return typer.prompt(what, hide_input=True, default="", show_default=False) or None
    return None


def _hints(hints: Sequence[Hint]) -> list[dict[str, str]]:
    return [{"code": one.code, "sentence": one.sentence} for one in hints]


def _show(as_json: bool, value: Mapping[str, Any]) -> None:
    """One thing, field by field, its hints last."""
    if as_json:
        print_json(value)
        return
    shown = Table("field", Column("value", overflow="fold"), show_header=False)
    for name, one in value.items():
        if name != "hints":
            shown.add_row(name, _cell(one))
    console.print(shown)
    for hint in value.get("hints", ()):
        console.print(f"note: {hint['sentence']}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _list(as_json: bool, values: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if as_json:
        print_json(values)
        return
    shown = Table(*(Column(name, overflow="fold") for name in columns))
    for one in values:
        shown.add_row(*(_cell(one[name]) for name in columns))
    console.print(shown)


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "-"
        case [*parts]:
            return "\n".join(" ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in parts)
        case _:
            return str(value)


# -- tenants


@tenants.command("add")
def add_tenant(
    tenant: Annotated[str, typer.Argument(help="Its id: small letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="The merchant's name.")],
    language: Annotated[Language, typer.Option(help="Of mails and comments.")] = Language.GERMAN,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add a tenant, or change name and language of one."""
    with services_of_process(as_json) as services:
        _show(as_json, _tenant(services.tenants.save(tenant, name, language, by=by)))


@tenants.command("list")
def list_tenants(as_json: Json = False) -> None:
    """Show every tenant."""
    with services_of_process(as_json) as services:
        _list(as_json, [_tenant(one) for one in services.tenants.all()], ("id", "name", "language", "simulated"))


def _tenant(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "name": tenant.name,
        "language": tenant.language.value,
        "simulated": tenant.simulated,
    }


# -- connections


@connections.command("add")
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
        password = _secret("Password of the ERP", ERP_PASSWORD, password_stdin)
        wanted = WantedConnection(name, url, user, password, _seconds(poll_seconds), ca_file)
        _show(as_json, _connection(services.connections.save(tenant, wanted, by=by, expected=0)))


@connections.command("edit")
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
        password = _secret("New password of the ERP", ERP_PASSWORD, password_stdin) if wanted_password else None
        wanted = WantedConnection(name, url, user, password, _seconds(poll_seconds), ca_file)
        _show(as_json, _connection(services.connections.save(tenant, wanted, by=by, expected=version)))


@connections.command("list")
def list_connections(tenant: Of, as_json: Json = False) -> None:
    """Show a tenant's ERP connections and whether their credentials are proven."""
    with services_of_process(as_json) as services:
        found = [_connection(one) for one in services.connections.all(tenant)]
        _list(as_json, found, ("name", "base_url", "username", "active", "state", "proven_at", "version"))


@connections.command("show")
def show_connection(name: Name, tenant: Of, as_json: Json = False) -> None:
    """Show one ERP connection with what its ERP lacks."""
    with services_of_process(as_json) as services:
        _show(as_json, _connection(services.connections.get(tenant, name)))


@connections.command("verify")
def verify_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Prove the credentials now. Ends with 1 when the ERP refuses them, with 3 when it cannot be asked."""
    with services_of_process(as_json) as services:
        view = services.connections.verify(tenant, name, by=by)
        _show(as_json, _connection(view))
        if view.check.state is CheckState.REFUSED:
            raise typer.Exit(REFUSED)
        if view.check.state is CheckState.UNVERIFIED or view.check.reason:
            raise typer.Exit(LATER)


@connections.command("activate")
def activate_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch an ERP connection on; its configurations come back with it."""
    with services_of_process(as_json) as services:
        _show(as_json, _connection(services.connections.set_active(tenant, name, True, by=by)))


@connections.command("deactivate")
def deactivate_connection(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch an ERP connection off; nothing is sent for its orders any more."""
    with services_of_process(as_json) as services:
        _show(as_json, _connection(services.connections.set_active(tenant, name, False, by=by)))


@connections.command("offer")
def show_offer(name: Name, tenant: Of, as_json: Json = False) -> None:
    """Show the shops and payment types that can be configured."""
    with services_of_process(as_json) as services:
        found = services.connections.offered(tenant, name)
        shops = [{"id": one.id, "name": one.name} for one in found.offer.shops]
        types = [{"code": one.code, "text": one.text, "xml_tag": one.xml_tag} for one in found.offer.payment_types]
        _show(as_json, {"as_of": found.at, "fresh": found.fresh, "shops": shops, "payment_types": types})


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
        "hints": _hints(view.hints),
    }


# -- configurations


@configurations.command("list")
def list_configurations(tenant: Of, as_json: Json = False) -> None:
    """Show a tenant's configurations."""
    with services_of_process(as_json) as services:
        found = [_configuration(one) for one in services.configurations.all(tenant)]
        _list(as_json, found, ("id", "version", "active", "in_force", "xml_tag", "mode", "public_key"))


@configurations.command("show")
def show_configuration(configuration: Id, tenant: Of, as_json: Json = False) -> None:
    """Show one configuration. Its private key is never shown."""
    with services_of_process(as_json) as services:
        _show(as_json, _configuration(services.configurations.get(tenant, configuration)))


@configurations.command("create")
def create_configuration(
    tenant: Of,
    connection: Connection,
    shop: Shop,
    payment_type: PaymentType,
    invoice_event: InvoiceEvent = None,
    return_event: ReturnEvent = None,
    xml_tag: XmlTag = None,
    tolerance_minor: Tolerance = None,
    public_key: PublicKey = None,
    mode: Mode = None,
    provider_url: ProviderUrl = None,
    inactive: Annotated[bool, typer.Option("--inactive", help="Save it switched off.")] = False,
    private_key_stdin: KeyStdin = False,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add a configuration. Without a private key the one that is kept for the public key is used."""
    with services_of_process(as_json) as services:
        changes = Changes(
            active=not inactive,
            invoice_event=invoice_event,
            return_event=return_event,
            xml_tag=xml_tag,
            tolerance_minor=_minor(tolerance_minor),
            public_key=public_key,
            private_key=_secret("Private key (empty: the one that is kept)", PRIVATE_KEY, private_key_stdin),
            mode=mode,
            provider_url=provider_url,
        )
        place = Place(connection, shop, payment_type)
        _show(as_json, _saved(services.configurations.create(tenant, place, changes, by=by)))


@configurations.command("edit")
def edit_configuration(
    configuration: Id,
    tenant: Of,
    invoice_event: InvoiceEvent = None,
    return_event: ReturnEvent = None,
    xml_tag: XmlTag = None,
    tolerance_minor: Tolerance = None,
    public_key: PublicKey = None,
    mode: Mode = None,
    provider_url: ProviderUrl = None,
    new_private_key: Annotated[bool, typer.Option("--new-private-key", help="Ask for another private key.")] = False,
    private_key_stdin: KeyStdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Change fields. Orders under way keep the version they began with; a note says how many."""
    with services_of_process(as_json) as services:
        services.configurations.get(tenant, configuration)
        changes = Changes(
            invoice_event=invoice_event,
            return_event=return_event,
            xml_tag=xml_tag,
            tolerance_minor=_minor(tolerance_minor),
            public_key=public_key,
            private_key=_new_key(new_private_key or public_key is not None, private_key_stdin),
            mode=mode,
            provider_url=provider_url,
        )
        _show(as_json, _saved(services.configurations.edit(tenant, configuration, changes, by=by, expected=version)))


@configurations.command("copy")
def copy_configuration(
    configuration: Id,
    tenant: Of,
    connection: Connection,
    shop: Shop,
    payment_type: PaymentType,
    save: Annotated[bool, typer.Option("--save", help="Save the copy; without, it is only shown.")] = False,
    invoice_event: InvoiceEvent = None,
    return_event: ReturnEvent = None,
    xml_tag: XmlTag = None,
    tolerance_minor: Tolerance = None,
    public_key: PublicKey = None,
    mode: Mode = None,
    provider_url: ProviderUrl = None,
    private_key_stdin: KeyStdin = False,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Copy a configuration to another connection, shop or payment type; fields that are given differ.

    The copy exists once it is saved: without `--save` the command shows what would be copied.
    """
    place = Place(connection, shop, payment_type)
    with services_of_process(as_json) as services:
        draft = services.configurations.draft_copy(tenant, configuration, place)
        if not save:
            shown = {"copied_from": draft.copied_from, **vars(draft.place), **_fields(draft.fields), "saved": False}
            _show(as_json, shown | {"hints": _hints(draft.hints)})
            return
        changes = Changes(
            invoice_event=invoice_event,
            return_event=return_event,
            xml_tag=xml_tag,
            tolerance_minor=_minor(tolerance_minor),
            public_key=public_key,
            private_key=_new_key(public_key is not None, private_key_stdin),
            mode=mode,
            provider_url=provider_url,
        )
        saved = services.configurations.create(tenant, place, changes, by=by, copied_from=configuration)
        _show(as_json, _saved(saved))


@configurations.command("activate")
def activate_configuration(configuration: Id, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch a configuration on, if the ERP still offers its payment type."""
    with services_of_process(as_json) as services:
        _show(as_json, _saved(services.configurations.set_active(tenant, configuration, True, by=by)))


@configurations.command("deactivate")
def deactivate_configuration(configuration: Id, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Switch a configuration off; nothing is sent for its orders any more."""
    with services_of_process(as_json) as services:
        _show(as_json, _saved(services.configurations.set_active(tenant, configuration, False, by=by)))


@configurations.command("history")
def show_history(configuration: Id, tenant: Of, as_json: Json = False) -> None:
    """Show every version, oldest first, with who made it."""
    with services_of_process(as_json) as services:
        found = []
        for one in services.configurations.history(tenant, configuration):
            config = one.configuration.config
            found.append(
                {
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
            )
        _list(as_json, found, tuple(found[0]) if found else ())


def _minor(text: str | None) -> int | None:
    return tolerance(text) if text is not None else None


def _new_key(wanted: bool, from_stdin: bool) -> str | None:
    if not wanted and not from_stdin:
        return None
    return _secret("Private key", PRIVATE_KEY, from_stdin)


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
    return _configuration(saved.view) | {"changed": saved.changed, "hints": _hints(saved.hints)}


# -- mail


@mail.command("show")
def show_mail(tenant: Of, as_json: Json = False) -> None:
    """Show the mail account. Its password is never shown."""
    with services_of_process(as_json) as services:
        _show(as_json, _mail(services.mail.get(tenant)))


@mail.command("set")
def set_mail(
    tenant: Of,
    host: Annotated[str, typer.Option(help="Name of the mail server.")],
    sender: Annotated[str, typer.Option(help="From whom the mails are.")],
    recipient: Annotated[str, typer.Option(help="Where they go: one address, which may forward to several.")],
    port: Annotated[int, typer.Option(help="Mostly 587 with STARTTLS, 465 with TLS.")] = 587,
    security: Annotated[MailSecurity, typer.Option(help="How the connection is protected.")] = MailSecurity.STARTTLS,
    user: Annotated[str, typer.Option(help="Who logs in; left out: nobody.")] = "",
    password_stdin: MailStdin = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Set the mail account. Without a password the one that is kept stays."""
    with services_of_process(as_json) as services:
        password = _secret("Password (empty: the one that is kept)", MAIL_PASSWORD, password_stdin) if user else None
        wanted = WantedMail(host, port, sender, recipient, security, user, password)
        _show(as_json, _mail(services.mail.save(tenant, wanted, by=by, expected=version)))


@mail.command("test")
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
