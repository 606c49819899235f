"""The options for the fields of a configuration: creating, editing and copying take the same ones."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypedDict, get_type_hints

import typer

from administration.fields import Changes, tolerance
from domain.tenant_config import AppMode


class Entered(TypedDict):
    """What was given for the fields; None where nothing was."""

    invoice_event: Annotated[str | None, typer.Option(help="Booking event for invoices, 1 to 3 characters, positive.")]
    return_event: Annotated[str | None, typer.Option(help="Booking event for returns, 1 to 3 characters, negative.")]
    xml_tag: Annotated[str | None, typer.Option(help="XML tag of the payment method, without special characters.")]
    tolerance_minor: Annotated[str | None, typer.Option(help="Largest rounding difference in minor units (cents).")]
    public_key: Annotated[str | None, typer.Option(help="The provider's public key.")]
    mode: Annotated[AppMode | None, typer.Option(help="When the money is taken.")]
    provider_url: Annotated[str | None, typer.Option(help="Only for keys that are used at an unusual address.")]
    account: Annotated[str | None, typer.Option(help="In place of keys: an account at a provider of renewed holds.")]


def with_field_options(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with one option per field in place of its `**entered`, ahead of its keyword-only parameters."""
    described: Any = command  # typer reads the options of a command from its signature
    signature = inspect.signature(command)
    own = list(signature.parameters.values())
    fields = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in get_type_hints(Entered, include_extras=True).items()
    ]
    first = [one for one in own if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    last = [one for one in own if one.kind is inspect.Parameter.KEYWORD_ONLY]
    described.__signature__ = signature.replace(parameters=[*first, *fields, *last])
    return command


def changes_of(entered: Entered) -> Changes:
    """The fields as the services take them. Raises `Refused`."""
    typed = entered["tolerance_minor"]
    values: dict[str, Any] = {**entered, "tolerance_minor": tolerance(typed) if typed is not None else None}
    return Changes(**values)
