"""`holdfast failures …`: the files of failed renewals and splits, for operators."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.setup.options import Json, Of, Who
from cli.setup.printing import show, show_all
from cli.simulated import connected
from cli.wiring import Stores
from domain.tenant_config import InvalidConfiguration
from settings import Settings
from storage.failure_files import FailureFileRow
from workflows.messages import LookNow
from workflows.sending_reports import ReportSender

failures = typer.Typer(no_args_is_help=True, help="Files of failed renewals and splits.")

Name = Annotated[str, typer.Argument(help="Name of the file, as `holdfast failures list` shows it.")]
_COLUMNS = ("name", "account", "lines", "delivery", "reason")


@failures.command("list")
def list_files(
    tenant: Of,
    account: Annotated[str, typer.Option(help="Only this provider account's.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show the written files and what became of their delivery."""
    rows = _stores().failure_files.list_files(tenant, account=account, limit=limit)
    show_all(as_json, [_shown(one) for one in rows], _COLUMNS)


@failures.command()
def download(
    name: Name,
    tenant: Of,
    to: Annotated[Path | None, typer.Option(help="Where to; left out: under its name in this folder.")] = None,
) -> None:
    """Write a file as it was, or is to be, delivered. A file that exists is not overwritten."""
    content = _stores().failure_files.download(tenant, name)
    if content is None:
        raise typer.BadParameter(f"the tenant {tenant} has no file {name}; `holdfast failures list` shows them")
    path = to if to is not None else Path(Path(name).name)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise typer.BadParameter(f"{path} exists: say with --to where else to write") from None
    print(path)


@failures.command("send-again")
def send_again(name: Name, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Have a file delivered again: at once, and until it is there.

    What lies there already is found and not written twice.
    """
    settings = Settings()
    stores = Stores.open(settings)
    now = datetime.now(UTC) + stores.clocks.offset(tenant)
    try:
        found = stores.failure_files.send_again(tenant, name, by=by, at=now)
    except InvalidConfiguration as error:
        raise typer.BadParameter(str(error)) from None
    if found is None:
        raise typer.BadParameter(f"the tenant {tenant} has no file {name}; `holdfast failures list` shows them")
    asyncio.run(_look_now(settings, stores, tenant, now))
    show(as_json, _shown(found))


async def _look_now(settings: Settings, stores: Stores, tenant: str, now: datetime) -> None:
    client = await connected(settings, stores)
    sender = ReportSender(client, settings.timing.pacing, settings.profile.value)
    await sender.look_now(tenant, LookNow(f"send-again/{now.isoformat()}"))
    await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends


def _stores() -> Stores:
    return Stores.open(Settings())


def _shown(row: FailureFileRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "account": row.account,
        "day": row.day.isoformat(),
        "lines": row.lines,
        "sha256": row.sha256,
        "written_at": row.written_at,
        "delivery": row.delivery.value,
        "reason": row.reason,
        "delivered_at": row.delivered_at,
    }
