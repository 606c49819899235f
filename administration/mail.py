"""The mail account of a tenant: one server, one recipient, tried at any time."""

import re
from dataclasses import dataclass, field

from administration.ports import Ports, kept
from administration.refusals import Refused, Why, existing_tenant, explained, invalid
from domain.parties import MailSecurity, MailSettings
from domain.ports import Mail
from domain.setup import MailVerdict
from domain.setup_wording import mail_sentence, trial_mail
from domain.tenant_config import Language

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class WantedMail:
    """What is to be saved. Without `password` the one that is kept stays, unless there is no `username` either."""

    host: str
    port: int
    sender: str
    recipient: str
    security: MailSecurity = MailSecurity.STARTTLS
    username: str = ""
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class MailTrial:
    """What became of a test mail, in one sentence of each language."""

    verdict: MailVerdict
    de: str
    en: str

    @property
    def taken(self) -> bool:
        return self.verdict is MailVerdict.TAKEN


class MailAccounts:
    """The mail accounts of tenants. Every method raises `Refused`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def get(self, tenant: str) -> MailSettings:
        """The mail account of a tenant."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        found = self._ports.directory.mail_settings(tenant)
        if found is None:
            raise Refused(Why.MISSING, "no_mail_account", f"The tenant {tenant} has no mail account.", "Set one first.")
        return found

    def save(self, tenant: str, wanted: WantedMail, *, by: str, expected: int | None = None) -> MailSettings:
        """Set the mail account. `expected` is the revision that the change was made from, 0 for the first one."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        now = self._ports.directory.mail_settings(tenant)
        settings = self._settings(tenant, wanted)
        known = kept(self._ports.vault, now.password_ref) if now is not None else ""
        password = (wanted.password or known) if settings.username else ""
        if expected == 0 and now is not None and (settings, password) == (now, known):
            return now
        if now is not None and settings.host != now.host and password and not wanted.password:
            raise invalid(
                "password",
                "The password that is kept is not sent to another server.",
                "Give the password together with the name of the server.",
            )
        if settings.username and not password:
            raise invalid("password", "A user name without a password cannot log in.", "Give both, or neither.")
        if expected is None:
            expected = now.revision if now is not None else 0
        sealed = self._ports.vault.seal(settings.password_ref, password) if password and password != known else None
        with explained():
            self._ports.directory.put_mail_settings(settings, by=by, expected=expected, password=sealed)
        return self.get(tenant)

    def test(self, tenant: str, *, by: str) -> MailTrial:
        """Send a test mail now through the saved settings."""
        settings = self.get(tenant)
        who = existing_tenant(tenant, self._ports.directory.tenant(tenant))
        subject, body = trial_mail(tenant, who.name, who.language)
        mail = Mail(tenant, subject, body, f"<trial-{self._ports.token()}@holdfast>", who.language)
        verdict = self._ports.mail.send(settings, self._password(settings), mail)
        self._ports.trail.note(by, "mail_settings.tested", tenant, tenant=tenant, verdict=verdict.value)
        return MailTrial(verdict, mail_sentence(verdict, Language.GERMAN), mail_sentence(verdict, Language.ENGLISH))

    def _settings(self, tenant: str, wanted: WantedMail) -> MailSettings:
        for name, address in (("sender", wanted.sender), ("recipient", wanted.recipient)):
            if not _ADDRESS.fullmatch(address.strip()) or not address.isascii():
                raise invalid(
                    name,
                    f"The {name} is one plain mail address like name@example.org.",
                    "Several recipients get the mails when your mail server forwards that address to them.",
                )
        username = wanted.username.strip()
        with explained():
            return MailSettings(
                tenant=tenant,
                host=wanted.host.strip(),
                port=wanted.port,
                sender=wanted.sender.strip(),
                recipient=wanted.recipient.strip(),
                security=wanted.security,
                username=username,
                password_ref=f"{tenant}/mail" if username else "",
            )

    def _password(self, settings: MailSettings) -> str:
        with explained():
            return self._ports.vault.get(settings.password_ref) if settings.password_ref else ""
