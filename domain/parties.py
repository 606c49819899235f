"""Values of the directory: tenants and what they need to reach other systems. Each says what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.tenant_config import InvalidConfiguration, Language, OrderConfig

MOST_CONNECTIONS = 2  # active ones of one tenant, out of care for the ERP


class ChangedMeanwhile(InvalidConfiguration):
    """Somebody else has changed the thing since it was read; nothing was saved."""


@dataclass(frozen=True)
class Sealed:
    """A secret as it is kept: encrypted, bound to its reference."""

    ref: str
    key_id: str
    nonce: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Tenant:
    """A merchant. A simulated one has a clock of its own."""

    id: str
    name: str
    language: Language = Language.GERMAN
    simulated: bool = False

    def __post_init__(self) -> None:
        _needs(self.id, "a tenant needs an id")
        _needs(self.name, "a tenant needs a name")


@dataclass(frozen=True)
class ErpConnection:
    """Access to one ERP database. `password_ref` names a secret, `ca_file` a file with the authority to trust.

    `revision` counts the changes, for those who edit; it is given by the directory.
    """

    tenant: str
    name: str
    base_url: str
    username: str
    password_ref: str
    active: bool = True
    poll_interval: timedelta = timedelta(minutes=5)
    ca_file: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    revision: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        _needs(self.name, "an ERP connection needs a name")
        _needs_address(self.base_url, f"the address of the ERP connection {self.name}")
        if self.poll_interval < timedelta(seconds=1):
            raise InvalidConfiguration("the poll interval is at least one second")


@dataclass(frozen=True)
class ProviderAccount:
    """Access to one account at a payment provider; ids are unique over all tenants. `secret_ref` names a secret.
    `revision` counts the changes, for those who edit; it is given by the directory."""

    id: str
    tenant: str
    provider: str
    base_url: str
    public_key: str = ""
    secret_ref: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    revision: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        _needs(self.id, "a provider account needs an id")
        _needs(self.provider, f"say which provider the account {self.id} is at")
        _needs_address(self.base_url, f"the address of the provider account {self.id}")


class MailSecurity(StrEnum):
    """How the connection to a mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class MailSettings:
    """Through which server a tenant's mails go. Without `username` nobody logs in. `revision` counts the changes."""

    tenant: str
    host: str
    port: int
    sender: str
    recipient: str
    security: MailSecurity = MailSecurity.STARTTLS
    username: str = ""
    password_ref: str = ""
    revision: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        _needs(self.host, "mail settings need the name of the mail server")
        if not 0 < self.port < 65_536:
            raise InvalidConfiguration("the mail server's port lies between 1 and 65535")
        for role, address in (("sender", self.sender), ("recipient", self.recipient)):
            if "@" not in address.strip("@") or any(one.isspace() for one in address):
                raise InvalidConfiguration(f"the mail {role} is an address like name@example.org")


@dataclass(frozen=True)
class Configuration:
    """What holds for the orders of one shop and payment code. `config` is the part that orders freeze."""

    tenant: str
    connection: str
    shop_id: str
    payment_code: str
    config: OrderConfig
    active: bool = True

    @property
    def id(self) -> str:
        return self.config.configuration

    def __post_init__(self) -> None:
        _needs(self.config.configuration, "a configuration needs an id")
        _needs(self.shop_id, f"say for which shop the configuration {self.id} is")
        _needs(self.payment_code, f"say for which payment code the configuration {self.id} is")


@dataclass(frozen=True)
class ConfigurationVersion:
    """One version of a configuration, when (UTC) and by whom it was made."""

    configuration: Configuration
    created_at: datetime
    created_by: str


def _needs(value: str, sentence: str) -> None:
    if not value or value != value.strip():
        raise InvalidConfiguration(f"{sentence}, without spaces around it")


def _needs_address(value: str, what: str) -> None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidConfiguration(f"{what} must look like https://host or https://host:port/path")
