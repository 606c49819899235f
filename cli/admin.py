"""Commands for operators on the database alone: pauses and rates of gates, API tokens, keys of secrets."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from activities.recorder import gate_name
from cli.simulated import connected
from cli.wiring import Stores
from domain.tenant_config import InvalidConfiguration
from settings import Settings
from storage.audit import AuditTrail
from storage.orders import Orders
from storage.tokens import Tokens
from workflows.messages import PickUp
from workflows.sending import WorkflowSender

console = Console()
orders = typer.Typer(no_args_is_help=True, help="Orders in Temporal.")
gates = typer.Typer(
    no_args_is_help=True, help="Pause, resume and slow down what is sent to an account or ERP connection."
)
tokens = typer.Typer(no_args_is_help=True, help="API tokens: shown once, kept as hash.")
secrets = typer.Typer(no_args_is_help=True, help="Secrets at rest.")

Tenant = Annotated[str | None, typer.Option(help="Only this tenant's.")]
Gate = Annotated[
    str,
    typer.Argument(
        help="`unzer/TENANT/ACCOUNT`, `erp/TENANT/CONNECTION`, `mail/TENANT/TENANT` or `drop/TENANT/TENANT`."
    ),
]
Who = Annotated[str, typer.Option("--by", help="Who does it; stands in the audit trail.")]


def _stores() -> Stores:
    return Stores.open(Settings())


def _check_gate(stores: Stores, name: str) -> None:
    """Nobody asks at a gate whose name is misspelt, so a pause of it would stop nothing."""
    directory = stores.directory
    known = {gate_name("erp", one.tenant, one.name) for one in directory.erp_connections()}
    known |= {gate_name(one.provider, one.tenant, one.id) for one in directory.provider_accounts()}
    known |= {gate_name(kind, one.id, one.id) for one in directory.tenants() for kind in ("mail", "drop")}
    if name not in known:
        raise typer.BadParameter(f"there is no gate {name}; there are {', '.join(sorted(known)) or 'none yet'}")


@gates.command("list")
def list_gates() -> None:
    """Show every gate that was ever paused, slowed down or switched off."""
    shown = Table("gate", "active", "paused", "reason", "until (UTC)", "per second")
    for one in _stores().gates.all():
        until = one.paused_until.strftime("%Y-%m-%d %H:%M") if one.paused_until else "-"
        rate = str(one.rate_per_second) if one.rate_per_second else "-"
        shown.add_row(one.name, "yes" if one.active else "no", "yes" if one.paused else "no", one.reason, until, rate)
    console.print(shown)


@gates.command()
def pause(
    name: Gate,
    reason: Annotated[str, typer.Option(help="Why; operators see it.")],
    minutes: Annotated[int | None, typer.Option(min=1, help="Until then; left out: until somebody resumes.")] = None,
    by: Who = "cli",
) -> None:
    """Let nothing through. Orders wait and come back by themselves; nothing is lost."""
    stores = _stores()
    _check_gate(stores, name)
    now = datetime.now(UTC) + stores.clocks.offset(name.split("/")[1])  # a simulated tenant lives in a time of its own
    stores.gates.pause(name, reason, now + timedelta(minutes=minutes) if minutes else None)
    AuditTrail(stores.db).note(by, "gate.paused", name, reason=reason)
    console.print(f"{name} is paused.")


@gates.command()
def resume(name: Gate, by: Who = "cli") -> None:
    """End a pause."""
    stores = _stores()
    _check_gate(stores, name)
    stores.gates.resume(name)
    AuditTrail(stores.db).note(by, "gate.resumed", name)
    console.print(f"{name} is open.")


@gates.command()
def rate(
    name: Gate,
    per_second: Annotated[float, typer.Argument(help="Requests per second; 0 takes the limit away.", min=0)],
    by: Who = "cli",
) -> None:
    """Limit the requests per second."""
    stores = _stores()
    _check_gate(stores, name)
    try:
        stores.gates.set_rate(name, per_second or None)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    AuditTrail(stores.db).note(by, "gate.rate", name, per_second=per_second)
    console.print(f"{name}: {per_second or 'no limit'}")


@tokens.command("add")
def add_token(
    label: str,
    scope: Annotated[list[str], typer.Option(help="`orders:read`, `orders:write`, `setup`; may be repeated.")],
    tenant: Annotated[str | None, typer.Option(help="Whose orders it may see.")] = None,
    all_tenants: Annotated[
        bool, typer.Option("--all-tenants", help="Good for every tenant, also for adding them.")
    ] = False,
    days: Annotated[int | None, typer.Option(min=1, help="Valid that long; left out: until deactivated.")] = None,
    by: Who = "cli",
) -> None:
    """Create a token and print it; it cannot be shown again."""
    if (tenant is None) is not all_tenants:
        raise typer.BadParameter("say whose token it is: --tenant, or --all-tenants")
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    try:
        plain = Tokens(_stores().db).add(label, frozenset(scope), tenant=tenant, expires_at=expires, by=by)
    except InvalidConfiguration as error:
        raise typer.BadParameter(str(error)) from None
    print(plain)


@tokens.command("list")
def list_tokens(tenant: Annotated[str | None, typer.Option()] = None) -> None:
    """Show tokens by label, never the tokens themselves."""
    shown = Table(
        Column("id", no_wrap=True, overflow="fold"), "label", "tenant", "scopes", "created", "expires", "state"
    )
    for one in Tokens(_stores().db).all(tenant):
        expires = one.expires_at.strftime("%Y-%m-%d") if one.expires_at else "-"
        state = "deactivated" if one.deactivated_at else "active"
        shown.add_row(
            one.id,
            one.label,
            one.tenant or "all",
            " ".join(sorted(one.scopes)),
            f"{one.created_at:%Y-%m-%d}",
            expires,
            state,
        )
    console.print(shown)


@tokens.command()
def deactivate(token_id: str, by: Who = "cli") -> None:
    """Make a token useless at once."""
    if not Tokens(_stores().db).deactivate(token_id, by=by):
        raise typer.BadParameter(f"there is no active token {token_id}; `holdfast tokens list` shows them")
    console.print(f"{token_id} is deactivated.")


@orders.command()
def wake(tenant: Tenant = None) -> None:
    """Start every unfinished order that does not run, for example after Temporal lost its state.

    A running order only looks at its facts again; nothing is sent twice.
    """
    print(f"{asyncio.run(_wake(tenant))} orders were woken.")


async def _wake(tenant: str | None) -> int:
    settings = Settings()
    stores = Stores.open(settings)
    client = await connected(settings, stores)
    sender = WorkflowSender(client, settings.timing.pacing, settings.profile.value)
    found = [stores.known_order(one.workflow_id) for one in Orders(stores.db).unfinished(tenant)]
    known = [one for one in found if one is not None]
    with Progress(console=console) as progress:
        for order in progress.track(known, description="orders"):
            await sender.pick_up(order, PickUp(f"wake/{datetime.now(UTC).isoformat()}"))
    await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends
    return len(known)


@secrets.command()
def rotate() -> None:
    """Seal every secret under the first of the master keys in HOLDFAST_MASTER_KEY; the others may then be removed."""
    console.print(f"{_stores().secrets.rotate()} secrets were sealed anew.")
