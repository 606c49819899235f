"""The options that several commands of setting up take, and the ways on which they take a secret."""

import os
import sys
from typing import Annotated, Any

import typer

ERP_PASSWORD, PRIVATE_KEY, MAIL_PASSWORD = "HOLDFAST_ERP_PASSWORD", "HOLDFAST_PRIVATE_KEY", "HOLDFAST_MAIL_PASSWORD"
DROP_SECRET = "HOLDFAST_FILE_DROP_PASSWORD"
STRIPE_KEY = "HOLDFAST_STRIPE_KEY"
PAYGATE_PASSWORD, PAYGATE_MAC_PASSWORD = "HOLDFAST_PAYGATE_PASSWORD", "HOLDFAST_PAYGATE_MAC_PASSWORD"

Of = Annotated[str, typer.Option("--tenant", help="Whose.")]
Who = Annotated[str, typer.Option("--by", help="Who does it; stands in the audit trail.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON; errors too.")]
Version = Annotated[int | None, typer.Option(min=1, help="Change only this version; left out: whatever stands.")]


def stdin_option(what: str, variable: str) -> Any:
    """The option that reads this secret from standard input; without it, it comes from the variable or a prompt."""
    return typer.Option(
        f"--{what}-stdin", help=f"Read the {what.replace('-', ' ')} from standard input. Or {variable}."
    )


def secret_from(what: str, variable: str, from_stdin: bool) -> str | None:
    """A secret from standard input, the environment or a prompt; None when there is none of the three."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or None
    if os.environ.get(variable):
        return os.environ[variable]
    if sys.stdin.isatty():
        return typer.prompt(what, hide_input=True, default="", show_default=False) or None
    return None
