"""`holdfast setup form-access …`: MerchantIDs under which encrypted forms come for accounts that have none."""

import secrets
import sys
from typing import Annotated

import typer

from cli.logs import configure_logs
from cli.setup.options import Json, Of, Who
from cli.setup.printing import print_json, show
from cli.setup.process import REFUSED
from cli.wiring import Stores, mac_secret, settings_of_process
from domain.errors import HoldfastError
from domain.tenant_config import InvalidConfiguration
from paygate.envelope import Key, Scheme
from paygate.errors import PaygateError
from paygate.mac import sign
from paygate.merchants import check_merchant_id
from storage.form_access import FormAccess

commands = typer.Typer(no_args_is_help=True, help="MerchantIDs for encrypted forms, of accounts that have none.")

_BYTES = {Scheme.BLOWFISH: 8, Scheme.AES: 16}  # twice as many characters


@commands.command("set")
def set_access(
    tenant: Of,
    account: Annotated[str, typer.Argument(help="The provider account that the forms are about.")],
    merchant_id: Annotated[str, typer.Option(help="What the integration sends as MerchantID.")],
    cipher: Annotated[Scheme, typer.Option(help="What its messages are encrypted with.")] = Scheme.AES,
    passwords_stdin: Annotated[
        bool,
        typer.Option(
            "--passwords-stdin",
            help="Take over passwords: two lines, the one for encryption and the one for the MAC. Left out: new ones.",
        ),
    ] = False,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Give an account a MerchantID, or new passwords. Passwords that were made here are shown this once."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        made = not passwords_stdin
        password = secrets.token_hex(_BYTES[cipher]) if made else sys.stdin.readline().rstrip("\r\n")
        mac_password = secrets.token_hex(16) if made else sys.stdin.readline().rstrip("\r\n")
        check_merchant_id(merchant_id)
        Key.of(cipher, password)
        sign("", mac_password)
        stores = Stores.open(settings)
        try:
            ref = f"form/{merchant_id}"
            stores.forms.put(
                FormAccess(merchant_id, tenant, account, cipher.value, ref),
                stores.vault.seal(ref, password),
                stores.vault.seal(mac_secret(ref), mac_password),
                by=by,
            )
        finally:
            stores.close()
    except (PaygateError, InvalidConfiguration, HoldfastError) as error:
        if as_json:
            print_json({"error": {"code": "refused", "message": str(error), "what_to_do": ""}})
        else:
            print(str(error), file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    told = {"tenant": tenant, "account": account, "merchant_id": merchant_id, "cipher": cipher.value}
    show(as_json, told | ({"password": password, "mac_password": mac_password} if made else {}))


@commands.command("show")
def show_access(
    tenant: Of, account: Annotated[str, typer.Argument(help="The provider account.")], as_json: Json = False
) -> None:
    """Show the MerchantIDs of an account. Passwords are never shown."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        stores = Stores.open(settings)
        try:
            found = [one for one in stores.forms.given(account) if one.tenant == tenant]
        finally:
            stores.close()
    except HoldfastError as error:
        print(str(error), file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    show(as_json, {one.merchant_id: one.cipher for one in found})
