"""`holdfast setup account …`."""

from typing import Annotated, Any

import typer

from administration.hold_accounts import WantedAccount
from cli.setup.options import (
    PAYGATE_MAC_PASSWORD,
    PAYGATE_PASSWORD,
    STRIPE_KEY,
    Json,
    Of,
    Version,
    Who,
    secret_from,
    stdin_option,
)
from cli.setup.printing import plain_hints, show, show_all
from cli.setup.process import services_of_process
from domain.parties import ProviderAccount
from paygate.envelope import Scheme

commands = typer.Typer(no_args_is_help=True, help="Accounts at Stripe and Computop Paygate.")

Account = Annotated[str, typer.Argument(help="Id of the account here, such as acme-cards.")]
Url = Annotated[str, typer.Option("--url", help="Left out: the provider itself, or what is kept.")]
_COLUMNS = ("id", "provider", "merchant_id", "base_url", "version")


@commands.command("list")
def list_accounts(tenant: Of, as_json: Json = False) -> None:
    """Show the accounts, those included that configurations have brought along."""
    with services_of_process(as_json) as services:
        show_all(as_json, [_account(one) for one in services.hold_accounts.all(tenant)], _COLUMNS)


@commands.command("show")
def show_account(account: Account, tenant: Of, as_json: Json = False) -> None:
    """Show one account. Its secrets are never shown."""
    with services_of_process(as_json) as services:
        show(as_json, _account(services.hold_accounts.get(tenant, account)))


@commands.command("stripe")
def set_stripe(
    account: Account,
    tenant: Of,
    url: Url = "",
    key_stdin: Annotated[bool, stdin_option("key", STRIPE_KEY)] = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add or change a Stripe account: its secret key, or a restricted one that reads and writes payments.

    Stripe is asked before anything is saved. Without a key the one that is kept stays.
    """
    with services_of_process(as_json) as services:
        secret = secret_from("Secret key (empty: the one that is kept)", STRIPE_KEY, key_stdin)
        saved = services.hold_accounts.save(
            tenant, account, WantedAccount("stripe", secret, url), by=by, expected=version
        )
        show(as_json, _account(saved.account) | {"changed": saved.changed, "hints": plain_hints(saved.hints)})


@commands.command("paygate")
def set_paygate(
    account: Account,
    tenant: Of,
    merchant_id: Annotated[str, typer.Option(help="Left out: the one that is kept.")] = "",
    cipher: Annotated[Scheme | None, typer.Option(help="Left out: what is kept, or Blowfish.")] = None,
    url: Url = "",
    password_stdin: Annotated[bool, stdin_option("password", PAYGATE_PASSWORD)] = False,
    mac_password_stdin: Annotated[bool, stdin_option("mac-password", PAYGATE_MAC_PASSWORD)] = False,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Add or change a MerchantID at Paygate: the password of its cipher, and the HMAC password.

    Paygate is asked before anything is saved. Passwords that are left out stay. Of standard input the password is the
    first line, the HMAC password the next.
    """
    with services_of_process(as_json) as services:
        password = secret_from("Password of the cipher (empty: the one that is kept)", PAYGATE_PASSWORD, password_stdin)
        mac = secret_from("HMAC password (empty: the one that is kept)", PAYGATE_MAC_PASSWORD, mac_password_stdin)
        wanted = WantedAccount("computop", password, url, merchant_id, cipher.value if cipher else "", mac)
        saved = services.hold_accounts.save(tenant, account, wanted, by=by, expected=version)
        show(as_json, _account(saved.account) | {"changed": saved.changed, "hints": plain_hints(saved.hints)})


@commands.command("verify")
def verify_account(account: Account, tenant: Of, by: Who = "cli", as_json: Json = False) -> None:
    """Ask the provider now whether it accepts what is kept."""
    with services_of_process(as_json) as services:
        show(as_json, _account(services.hold_accounts.verify(tenant, account, by=by)))


def _account(account: ProviderAccount) -> dict[str, Any]:
    return {
        "tenant": account.tenant,
        "id": account.id,
        "provider": account.provider,
        "base_url": account.base_url,
        "merchant_id": account.public_key,
        "cipher": account.options.get("cipher", ""),
        "version": account.revision,
    }
