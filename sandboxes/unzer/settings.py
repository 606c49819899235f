"""What a test or demo may set on an account and its notifications."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PRIVATE_KEY = r"^[sp]-priv-[A-Za-z0-9]+$"
PUBLIC_KEY = r"^[sp]-pub-[A-Za-z0-9]+$"


class KeyPair(BaseModel):
    """One key pair of a merchant. Payments and webhooks belong to the pair that made them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    private_key: Annotated[str, Field(pattern=PRIVATE_KEY)]
    public_key: Annotated[str, Field(pattern=PUBLIC_KEY)]

    @property
    def masked(self) -> str:
        return f"{self.private_key[:7]}…"


class AccountSettings(BaseModel):
    """Body of `PUT /control/accounts/{a}`; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    private_key: Annotated[str, Field(pattern=PRIVATE_KEY)] | None = None
    public_key: Annotated[str, Field(pattern=PUBLIC_KEY)] | None = None
    further_key_pairs: list[KeyPair] = Field(default_factory=list)
    currencies: list[str] = Field(default_factory=lambda: ["EUR", "CHF", "USD", "GBP", "PLN", "JPY"])
    types: list[str] | None = None  # names of the configured payment types; None = all
    merchant_name: str = "Example Merchant GmbH"
    url_base: str = "https://sbx-api.unzer.com"  # host written into `url` and `retrieveUrl`
    date_zone: str = "UTC"  # zone of `date` and `timestamp`
    transaction_status: Annotated[int, Field(ge=200, le=201)] = 201  # status of an accepted transaction
    unique_order_ids: bool = False
    authorization_days: Annotated[float, Field(gt=0)] | None = None  # authorizations expire by themselves after that
    method_with_slash: bool = False  # `method` of a type resource starts with a slash, as was seen once
    reset: bool = False  # forget payments, webhooks and everything else the account holds

    def key_pairs(self, name: str) -> list[KeyPair]:
        """All key pairs of the account `name`, the first one derived from the name where it is not given."""
        plain = re.sub(r"[^A-Za-z0-9]", "", name) or "account"
        first = KeyPair(
            private_key=self.private_key or f"s-priv-{plain}", public_key=self.public_key or f"s-pub-{plain}"
        )
        return [first, *self.further_key_pairs]


class WebhookMode(BaseModel):
    """Body of `PUT /control/accounts/{a}/webhook-mode`: how notifications go astray."""

    model_config = ConfigDict(extra="forbid")

    duplicates: Annotated[int, Field(ge=0)] = 0  # further copies of every notification
    shuffle: bool = False
    lose: Annotated[int, Field(ge=-1)] = 0  # that many next notifications are never sent; -1 = all
    hold: bool | None = None  # None leaves it as it is
    shortened_pauses: Annotated[float, Field(ge=0)] | None = None  # real seconds before each retry
    timeout_seconds: Annotated[float, Field(gt=0)] = 20.0
    seed: int = 1
