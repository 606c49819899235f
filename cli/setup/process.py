"""The services for one command, and how a command ends that is refused."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import typer

from administration import Administration, Refused
from administration.refusals import FieldFault, Why
from cli.logs import configure_logs
from cli.setup.printing import print_json
from cli.setup_wiring import administration_over
from cli.wiring import Stores, settings_of_process
from domain.errors import HoldfastError

REFUSED, LATER = 1, 3


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
        _say_no(as_json, refusal.code, refusal.message, refusal.what_to_do, refusal.faults)
        raise typer.Exit(LATER if refusal.why is Why.LATER else REFUSED) from None
    except HoldfastError as error:
        _say_no(as_json, "unusable", str(error), "")
        raise typer.Exit(REFUSED) from None


def _say_no(as_json: bool, code: str, message: str, what_to_do: str, faults: tuple[FieldFault, ...] = ()) -> None:
    if as_json:
        fields = {"fields": [asdict(one) for one in faults]} if faults else {}
        print_json({"error": {"code": code, "message": message, "what_to_do": what_to_do, **fields}})
    elif faults:
        for one in faults:
            print(f"{one.field}: {one.message} {one.what_to_do}", file=sys.stderr)
    else:
        print(f"{message} {what_to_do}".strip(), file=sys.stderr)
