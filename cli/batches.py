"""`holdfast batch …`: batch files with captures, credits and reversals, handed in by an operator."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.logs import configure_logs
from cli.setup.options import Json, Of, Who
from cli.setup.printing import show, show_all
from cli.setup.process import REFUSED
from cli.wiring import Stores, settings_of_process
from domain.errors import HoldfastError
from storage.batches import BatchRow
from web.paygate.desk import BatchDesk, BatchRefused

batches = typer.Typer(no_args_is_help=True, help="Batch files with captures, credits and reversals.")

BatchId = Annotated[str, typer.Argument(help="The id that `holdfast batch submit` printed.")]
_COLUMNS = ("id", "name", "records", "ended", "failed", "finished_at")


@contextmanager
def _stores() -> Iterator[Stores]:
    """The stores of the environment; what is refused ends the command with one sentence."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        stores = Stores.open(settings)
        try:
            yield stores
        finally:
            stores.close()
    except BatchRefused as refusal:
        print(f"{refusal.message} {refusal.what_to_do}", file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    except HoldfastError as error:
        print(str(error), file=sys.stderr)
        raise typer.Exit(REFUSED) from None


@batches.command()
def submit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file; its name belongs to it.")],
    tenant: Of,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Hand a file in. A running starter works through it; `holdfast batch list` tells how far it is."""
    with _stores() as stores:
        if file.stat().st_size > stores.settings.max_batch_bytes:
            raise BatchRefused("file_too_large", "The file is too large.", "Send several smaller ones.")
        desk = BatchDesk(stores.forms, stores.terms, stores.batches, lambda: datetime.now(UTC))
        batch_id, first = desk.take_in(tenant, file.name, file.read_bytes(), actor=by, source="cli")
        row = stores.batches.get(tenant, batch_id)
        if row is not None:
            show(as_json, _shown(row) | {"known": not first})


@batches.command("list")
def list_batches(
    tenant: Of,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show the files of a tenant, and how many of their records have a result."""
    with _stores() as stores:
        show_all(as_json, [_shown(one) for one in stores.batches.list_batches(tenant, limit)], _COLUMNS)


@batches.command()
def result(
    batch_id: BatchId,
    tenant: Of,
    to: Annotated[Path | None, typer.Option(help="Where to; left out: under its name in this folder.")] = None,
) -> None:
    """Write the file of results. A file that exists is not overwritten."""
    with _stores() as stores:
        row = stores.batches.get(tenant, batch_id)
        content = stores.batches.result(tenant, batch_id)
        if row is None or content is None:
            raise BatchRefused(
                "not_finished",
                "There is no file of results." if row is None else f"{row.ended} of {row.records} records are done.",
                "`holdfast batch list` tells how far each file is.",
            )
        path = to if to is not None else Path(f"P{row.name[1:]}")
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise BatchRefused("file_exists", f"{path} exists.", "Say with --to where else to write.") from None
        print(path)


def _shown(row: BatchRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "account": row.account,
        "records": row.records,
        "ended": row.ended,
        "failed": row.failed,
        "source": row.source,
        "received_at": row.received_at,
        "finished_at": row.finished_at,
    }
