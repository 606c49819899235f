"""The values of the directory, where storage's users look for them; they are defined in `domain.parties`."""

from domain.parties import (
    Configuration,
    ConfigurationVersion,
    ErpConnection,
    MailSecurity,
    MailSettings,
    ProviderAccount,
    Tenant,
)

__all__ = [
    "Configuration",
    "ConfigurationVersion",
    "ErpConnection",
    "MailSecurity",
    "MailSettings",
    "ProviderAccount",
    "Tenant",
]
