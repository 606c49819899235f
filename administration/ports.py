"""What the services need from others. Fulfilled by storage, by adapters, and put together in `cli/setup_wiring.py`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import TermsVersion
from domain.erp_probe import ErpFindings, ErpInstalled, ErpProfile
from domain.errors import Misconfigured
from domain.file_drop import DropVerdict, FileDropSettings
from domain.parties import (
    Configuration,
    ConfigurationVersion,
    ErpConnection,
    MailSettings,
    ProviderAccount,
    Sealed,
    Tenant,
)
from domain.ports import Mail
from domain.setup import AccessVerdict, ConnectionCheck, KeyVerdict, MailVerdict, MissingCall, PaymentType, Shop, Sign
from domain.setup_check import CallbackState
from domain.tenant_config import OrderConfig


@dataclass(frozen=True)
class ErpAccess:
    """How an ERP database is reached, whether or not it is saved as a connection yet."""

    tenant: str
    name: str
    base_url: str
    username: str
    password: str = field(repr=False)
    ca_file: str = ""


class ErpProbe(Protocol):
    """Asks an ERP about itself; changes nothing there.

    Every call raises `Misconfigured` when address or credentials are refused, `Transient` when the ERP gives no usable
    answer, and `NotSent` when nothing may leave now. The quiet window is looked at before.
    """

    def prove(self, access: ErpAccess) -> None:
        """Return when the ERP took the credentials."""

    def shops(self, access: ErpAccess) -> Sequence[Shop]:
        """Every shop."""

    def payment_types(self, access: ErpAccess) -> Sequence[PaymentType]:
        """Every payment type."""

    def missing_calls(self, access: ErpAccess) -> Sequence[MissingCall]:
        """The calls that Holdfast uses and the database does not have."""

    def event_signs(
        self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]
    ) -> Mapping[str, Sign]:
        """The signs of those booking events of which the customer accounts hold evidence; the others are left out."""

    def installed(self, access: ErpAccess) -> ErpInstalled:
        """Every call that is looked for, and what is lost where it is missing."""

    def profile(self, access: ErpAccess) -> ErpProfile:
        """The release line, and what it lacks."""

    def findings(self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]) -> ErpFindings:
        """What recent orders of a shop and payment code show."""


class KeyProof(Protocol):
    """Proves key pairs of one provider."""

    @property
    def provider(self) -> str:
        """The provider's name in configurations."""

    def address(self, public_key: str) -> str:
        """Where a key of this kind is used."""

    def judge(self, base_url: str, public_key: str, private_key: str) -> KeyVerdict:
        """What is wrong with the pair, or that it is proven. Raises `Transient` when the provider cannot be asked."""


@dataclass(frozen=True)
class AccountAccess:
    """How an account at a provider whose holds are renewed is reached, whether or not it is saved yet. `merchant` is
    the provider's name of the merchant, `signing` the second secret; both '' where the provider has none."""

    provider: str
    base_url: str
    secret: str = field(repr=False)
    merchant: str = ""
    cipher: str = ""
    signing: str = field(default="", repr=False)


class AccessProof(Protocol):
    """Proves access to accounts whose holds are renewed. Nothing is changed there."""

    def address(self, provider: str) -> str:
        """Where the provider itself is reached."""

    def is_live(self, access: AccountAccess) -> bool:
        """Whether it is about real money, as far as can be seen."""

    def judge(self, access: AccountAccess) -> AccessVerdict:
        """What is wrong with it, or that it is proven. Raises `Transient` when the provider cannot be asked."""


class Callbacks(Protocol):
    """The addresses that a provider calls back."""

    def state(self, account: ProviderAccount, private_key: str, token: str, *, create: bool) -> CallbackState:
        """Whether the provider calls our address with this token ('' where it is not known); with `create`, see to it.
        Addresses of others are never touched. Raises `Transient` and `Misconfigured`."""


class MailProbe(Protocol):
    """Sends a mail at once, through settings that need not be saved."""

    def send(self, settings: MailSettings, password: str, mail: Mail) -> MailVerdict:
        """Hand the mail over and say what became of it."""


class Drops(Protocol):
    """The folders that are saved. Raises as `Directory` does."""

    def file_drop(self, tenant: str) -> FileDropSettings | None: ...
    def put_file_drop(
        self, wanted: FileDropSettings, *, by: str, expected: int | None = None, secret: Sealed | None = None
    ) -> None: ...


class TermsBook(Protocol):
    """The terms of accounts. Raises as `Directory` does."""

    def current(self, tenant: str, account: str) -> AuthorizationTerms: ...
    def put(
        self, tenant: str, account: str, wanted: AuthorizationTerms, *, by: str, expected: int | None = None
    ) -> AuthorizationTerms: ...
    def history(self, tenant: str, account: str) -> tuple[TermsVersion, ...]: ...


class DropProbe(Protocol):
    """Tries a folder."""

    def attempt(self, settings: FileDropSettings, secret: str, token: str) -> DropVerdict:
        """Put a small file there and take it away again; `token` makes its name one that nobody has."""


class Directory(Protocol):
    """What is saved. Raises `InvalidConfiguration`, and `ChangedMeanwhile` when `expected` is not what stands there."""

    def tenants(self) -> tuple[Tenant, ...]: ...
    def tenant(self, tenant_id: str) -> Tenant | None: ...
    def put_tenant(self, tenant: Tenant, *, by: str) -> None: ...
    def erp_connections(self, tenant: str | None = None) -> tuple[ErpConnection, ...]: ...
    def erp_connection(self, tenant: str, name: str) -> ErpConnection | None: ...
    def put_erp_connection(
        self, wanted: ErpConnection, *, by: str, expected: int | None = None, password: Sealed | None = None
    ) -> None: ...
    def provider_accounts(self, tenant: str | None = None) -> tuple[ProviderAccount, ...]: ...
    def provider_account(self, account_id: str) -> ProviderAccount | None: ...
    def put_provider_account(
        self,
        wanted: ProviderAccount,
        *,
        callback_token: str | None = None,
        by: str,
        sealed: Sequence[Sealed] = (),
        expected: int | None = None,
    ) -> None: ...
    def mail_settings(self, tenant: str) -> MailSettings | None: ...
    def put_mail_settings(
        self, wanted: MailSettings, *, by: str, expected: int | None = None, password: Sealed | None = None
    ) -> None: ...
    def configurations(self, tenant: str | None = None) -> tuple[Configuration, ...]: ...
    def configuration(self, configuration_id: str, version: int | None = None) -> Configuration | None: ...
    def versions(self, configuration_id: str) -> tuple[ConfigurationVersion, ...]: ...
    def put_configuration(self, wanted: Configuration, *, by: str, expected: int | None = None) -> OrderConfig: ...
    def set_active(self, configuration_id: str, active: bool, *, by: str) -> None: ...


class Checks(Protocol):
    """The last check of each connection."""

    def get(self, tenant: str, connection: str) -> ConnectionCheck: ...
    def put(self, tenant: str, connection: str, check: ConnectionCheck) -> None: ...
    def waiting(self) -> tuple[tuple[str, str, datetime], ...]: ...


class Vault(Protocol):
    """Secrets by reference."""

    def get(self, ref: str) -> str:
        """The value. Raises `Misconfigured` when there is none or it cannot be opened."""

    def seal(self, ref: str, value: str) -> Sealed:
        """The value as it is kept; keeping it is up to the directory."""


class OpenOrders(Protocol):
    """Orders that are not over."""

    def open_under(self, configuration: str) -> int:
        """How many follow a version of this configuration."""


class Trail(Protocol):
    """The audit trail, for what changes nothing that is saved."""

    def note(
        self, actor: str, action: str, subject: str, /, *, tenant: str | None = None, **details: object
    ) -> None: ...


def kept(vault: Vault, ref: str) -> str:
    """A secret that is kept, '' where there is none that can be opened: then it has to be entered again."""
    try:
        return vault.get(ref) if ref else ""
    except Misconfigured:
        return ""


@dataclass(frozen=True)
class Ports:
    """Everything the services work with. `now` is the present (UTC) of a tenant, `token` a new random text, `live` says
    whether a tenant's orders are about real money. `renewing`: the providers whose holds are renewed."""

    directory: Directory
    checks: Checks
    vault: Vault
    open_orders: OpenOrders
    trail: Trail
    erp: ErpProbe
    keys: KeyProof
    mail: MailProbe
    callbacks: Callbacks
    drops: Drops
    drop_probe: DropProbe
    terms: TermsBook
    access: AccessProof
    renewing: Collection[str]
    live: Callable[[str], bool]
    now: Callable[[str], datetime]
    token: Callable[[], str]
