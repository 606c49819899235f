"""Puts `administration` together: stores, the ERP, the provider's keys, the mail server and the file server."""

import secrets
from datetime import UTC, datetime

from adapters.file_drop.trial import try_drop
from adapters.mail.trial import send_trial
from adapters.unzer.client import UnzerClient
from adapters.unzer.keys import UnzerKeys
from adapters.unzer.registrations import UnzerRegistrations
from administration import Administration, Ports
from cli.access_proof import ProviderAccessProof
from cli.callback_registry import UnzerCallbackRegistry
from cli.erp_probe import ConnectionProbe
from cli.failure_wiring import account_of
from cli.wiring import HOLDS, Stores, smtp_settings
from domain.file_drop import DropVerdict, FileDropSettings
from domain.parties import MailSettings
from domain.ports import Mail
from domain.setup import MailVerdict
from settings import Profile
from storage.audit import AuditTrail
from storage.connection_checks import ConnectionChecks
from storage.orders import Orders


def administration_over(stores: Stores) -> Administration:
    """The services over an open database. Nothing is asked and no secret is opened before somebody wants something."""
    settings = stores.settings
    timing = settings.timing

    def now(tenant: str) -> datetime:
        return datetime.now(UTC) + stores.clocks.offset(tenant)

    def live(tenant: str) -> bool:
        found = stores.directory.tenant(tenant)
        return settings.profile is Profile.PRODUCTION and found is not None and not found.simulated

    client = UnzerClient(lambda: datetime.now(UTC))
    keys = UnzerKeys(
        client,
        live_url=settings.unzer_live_url,
        sandbox_url=settings.unzer_sandbox_url,
        timeout_seconds=timing.provider_read,
        connect_seconds=timing.http_connect,
    )
    return Administration(
        Ports(
            directory=stores.directory,
            checks=ConnectionChecks(stores.db),
            vault=stores.vault,
            open_orders=Orders(stores.db),
            trail=AuditTrail(stores.db),
            erp=ConnectionProbe(timing, stores.slots, now, stores.switches.check),
            keys=keys,
            mail=_SmtpProbe(),
            callbacks=UnzerCallbackRegistry(
                UnzerRegistrations(client),
                settings.public_url,
                timeout_seconds=timing.provider_read,
                connect_seconds=timing.http_connect,
            ),
            drops=stores.file_drops,
            drop_probe=_DropProbe(stores),
            terms=stores.terms,
            access=ProviderAccessProof(timeout_seconds=timing.provider_read, connect_seconds=timing.http_connect),
            renewing=frozenset(HOLDS),
            live=live,
            now=now,
            token=lambda: secrets.token_urlsafe(24),
        )
    )


class _DropProbe:
    """Fulfils `administration.ports.DropProbe`."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def attempt(self, settings: FileDropSettings, secret: str, token: str) -> DropVerdict:
        return try_drop(account_of(self._stores, settings, secret), token)


class _SmtpProbe:
    """Fulfils `administration.ports.MailProbe`."""

    def send(self, settings: MailSettings, password: str, mail: Mail) -> MailVerdict:
        return send_trial(mail, smtp_settings(settings, password))
