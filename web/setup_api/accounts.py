"""Accounts at providers whose holds are renewed: entered, proven with the provider, their secrets never shown."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from administration.hold_accounts import WantedAccount as Wanted
from domain.parties import ProviderAccount
from web.edge.bodies import BODY_ANSWERS, described
from web.services import ServicesDep
from web.setup_api.common import (
    CONFLICT,
    EDITED,
    Administrator,
    HintView,
    IfMatch,
    body_as,
    expected_version,
    first_put,
    hints_of,
    later,
    secret,
    tagged,
)

_LATER = later("The payment provider")
router = APIRouter(tags=["Setup: provider accounts"])

Account = Annotated[str, Path(max_length=200, description="Id of the provider account, percent-encoded.")]
Secret = Annotated[SecretStr, Field(max_length=300)]


class WantedAccount(BaseModel):
    """Access to a Stripe account (`secret`: its secret or a restricted key) or to a MerchantID at Paygate (`secret`:
    the password of its `cipher`; `signing_secret`: the HMAC password). What is left out stays as it is; without
    `base_url` it is the provider itself."""

    model_config = ConfigDict(extra="forbid")

    provider: Literal["stripe", "computop"]
    secret: Secret | None = None
    base_url: Annotated[str, Field(max_length=500)] = ""
    merchant_id: Annotated[str, Field(max_length=100)] = ""
    cipher: Literal["", "blowfish", "aes"] = ""
    signing_secret: Secret | None = None


class AccountView(BaseModel):
    """An account. Its secrets are kept and never shown. `merchant_id`: the provider's name of the merchant, or the
    public key of an account that a configuration has brought along."""

    id: str
    provider: str
    base_url: str
    merchant_id: str
    cipher: str
    version: int


class SavedAccount(AccountView):
    """`changed` is false when it stood there like that already."""

    changed: bool
    hints: list[HintView]


class AccountList(BaseModel):
    accounts: list[AccountView]


@router.get("/setup/provider-accounts", summary="List provider accounts", responses=CONFLICT)
def list_accounts(services: ServicesDep, caller: Administrator) -> AccountList:
    """Those that configurations have brought along too."""
    found = services.administration.hold_accounts.all(caller.one_tenant())
    return AccountList(accounts=[AccountView(**_fields_of(one)) for one in found])


@router.get("/setup/provider-accounts/{account:part}", summary="Read a provider account", responses=CONFLICT)
def read_account(services: ServicesDep, caller: Administrator, account: Account, response: Response) -> AccountView:
    """As it is now."""
    found = services.administration.hold_accounts.get(caller.one_tenant(), account)
    tagged(response, found.revision)
    return AccountView(**_fields_of(found))


@router.put(
    "/setup/provider-accounts/{account:part}",
    summary="Add or change a provider account",
    responses=EDITED | BODY_ANSWERS | _LATER,
    openapi_extra=described(WantedAccount),
)
def put_account(
    services: ServicesDep,
    caller: Administrator,
    account: Account,
    wanted: Annotated[WantedAccount, body_as(WantedAccount)],
    response: Response,
    if_match: IfMatch = None,
) -> SavedAccount:
    """The provider is asked first, by looking for a payment that does not exist; what it does not accept is not
    saved."""
    asked = Wanted(
        provider=wanted.provider,
        secret=secret(wanted.secret),
        base_url=wanted.base_url,
        merchant_id=wanted.merchant_id,
        cipher=wanted.cipher,
        signing_secret=secret(wanted.signing_secret),
    )
    expected = expected_version(if_match, without=0)
    with first_put(if_match):
        saved = services.administration.hold_accounts.save(
            caller.one_tenant(), account, asked, by=caller.name, expected=expected
        )
    tagged(response, saved.account.revision)
    return SavedAccount(**_fields_of(saved.account), changed=saved.changed, hints=hints_of(saved.hints))


@router.post(
    "/setup/provider-accounts/{account:part}/verify",
    summary="Ask the provider again whether it accepts an account",
    responses=CONFLICT | _LATER,
)
def verify_account(services: ServicesDep, caller: Administrator, account: Account) -> AccountView:
    """Now, with what is kept; 422 says what the provider does not accept any more."""
    found = services.administration.hold_accounts.verify(caller.one_tenant(), account, by=caller.name)
    return AccountView(**_fields_of(found))


def _fields_of(account: ProviderAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "provider": account.provider,
        "base_url": account.base_url,
        "merchant_id": account.public_key,
        "cipher": account.options.get("cipher", ""),
        "version": account.revision,
    }
