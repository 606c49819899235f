"""What a test or demo may set on an account."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandboxes.stripe.ids import derived

Feature = Literal["extended_authorization", "incremental_authorization", "multicapture", "overcapture"]
FEATURES: tuple[Feature, ...] = (
    "extended_authorization",
    "incremental_authorization",
    "multicapture",
    "overcapture",
)
Permission = Literal["none", "read", "write"]
Group = Literal[
    "account",
    "balance",
    "charges",
    "customers",
    "events",
    "payment_intents",
    "payment_methods",
    "refunds",
    "setup_intents",
]


class RestrictedKey(BaseModel):
    """A key that may do only what is listed; what is not listed is `none`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=r"^rk_(test|live)_[A-Za-z0-9]+$")]
    permissions: dict[Group, Permission] = Field(default_factory=dict)


class AccountSettings(BaseModel):
    """Body of `PUT /control/accounts/{a}`; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    secret_key: Annotated[str, Field(pattern=r"^sk_test_[A-Za-z0-9]+$")] | None = None
    publishable_key: Annotated[str, Field(pattern=r"^pk_test_[A-Za-z0-9]+$")] | None = None
    live_secret_key: Annotated[str, Field(pattern=r"^sk_live_[A-Za-z0-9]+$")] | None = None
    live_publishable_key: Annotated[str, Field(pattern=r"^pk_live_[A-Za-z0-9]+$")] | None = None
    restricted_keys: list[RestrictedKey] = Field(default_factory=list)
    expired_keys: list[Annotated[str, Field(pattern=r"^[sr]k_(test|live)_[A-Za-z0-9]+$")]] = Field(default_factory=list)
    account_id: Annotated[str, Field(pattern=r"^acct_[A-Za-z0-9]+$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    default_currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")] = "eur"
    display_name: str = "Example Merchant GmbH"
    charges_enabled: bool = True
    details_submitted: bool = True
    card_payments: Literal["active", "inactive", "pending"] = "active"
    features: list[Feature] = Field(default_factory=lambda: list(FEATURES))  # granted when a payment asks for them
    require_setup: bool = True  # off-session with a card that was never set up: authentication_required
    dashboard_redirects: bool = True  # the dashboard offers methods that redirect: confirming may need a return_url
    confirm_limit: Annotated[int, Field(ge=1)] = 10  # failed attempts after which an intent is cancelled
    expired_capture_code: Literal[
        "payment_intent_unexpected_state", "charge_expired_for_capture", "capture_charge_authorization_expired"
    ] = "payment_intent_unexpected_state"
    requests_per_second: Annotated[int, Field(ge=1)] | None = None  # by the account's clock; None = no limit
    refund_settles_seconds: Annotated[float, Field(ge=0)] = 3600.0  # when refunds of the asynchronous cards end
    seed: str = ""  # ids follow from it; empty = the account's name
    reset: bool = False  # forget objects, events, effects and violations

    def keys(self, name: str) -> dict[str, str]:
        """The keys of the account `name`, those that are not set derived from the name."""
        plain = re.sub(r"[^A-Za-z0-9]", "", name) or "account"
        return {
            "secret_key": self.secret_key or f"sk_test_{plain}",
            "publishable_key": self.publishable_key or f"pk_test_{plain}",
            "live_secret_key": self.live_secret_key or f"sk_live_{plain}",
            "live_publishable_key": self.live_publishable_key or f"pk_live_{plain}",
        }

    def acct(self, name: str) -> str:
        """The account id, derived from the name when it is not set."""
        return self.account_id or f"acct_1{derived(f'account:{name}', 15)}"
