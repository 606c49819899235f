"""The folder on a file server that a tenant's failure files are put into: one per tenant, tried at any time."""

from dataclasses import dataclass, field

from administration.ports import Ports, kept
from administration.refusals import Refused, Why, existing_tenant, explained, invalid
from domain.drop_wording import drop_sentence
from domain.file_drop import DropLogin, DropProtocol, DropVerdict, FileDropSettings
from domain.tenant_config import Language

USUAL_PORTS = {DropProtocol.SFTP: 22, DropProtocol.FTP: 21}


@dataclass(frozen=True)
class WantedDrop:
    """What is to be saved. Without `secret` (a password or, by `login`, a private key) the one that is kept stays;
    without `port` it is the usual one. `unencrypted` confirms plain FTP."""

    protocol: DropProtocol
    host: str
    username: str
    port: int | None = None
    login: DropLogin = DropLogin.PASSWORD
    secret: str | None = field(default=None, repr=False)
    folder: str = ""
    host_key: str = ""
    unencrypted: bool = False
    active: bool = True


@dataclass(frozen=True)
class DropTrial:
    """What became of a test file, in one sentence of each language."""

    verdict: DropVerdict
    de: str
    en: str

    @property
    def works(self) -> bool:
        return self.verdict is DropVerdict.WORKS


class FileDropAccounts:
    """The folders of tenants. Every method raises `Refused`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def get(self, tenant: str) -> FileDropSettings:
        """The folder of a tenant."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        found = self._ports.drops.file_drop(tenant)
        if found is None:
            raise Refused(
                Why.MISSING, "no_file_drop", f"The tenant {tenant} has no folder on a file server.", "Set one first."
            )
        return found

    def save(self, tenant: str, wanted: WantedDrop, *, by: str, expected: int | None = None) -> FileDropSettings:
        """Set the folder. `expected` is the revision that the change was made from, 0 for the first one."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        now = self._ports.drops.file_drop(tenant)
        settings = _settings(tenant, wanted)
        known = kept(self._ports.vault, now.secret_ref) if now is not None else ""
        if expected == 0 and now is not None and (settings, wanted.secret or known) == (now, known):
            return now
        if now is not None and not wanted.secret:
            if settings.host.lower() != now.host.lower():
                raise invalid(
                    "secret",
                    "The password or key that is kept is not shown to another server.",
                    "Give it together with the name of the server.",
                )
            if settings.login is not now.login:
                raise invalid("secret", "What is kept is the other kind of secret.", "Give the password or key anew.")
            if settings.protocol is DropProtocol.FTP and now.protocol is not DropProtocol.FTP:
                raise invalid(
                    "secret",
                    "The password that is kept was for an encrypted connection.",
                    "Give the one that may be read on the way.",
                )
        secret = wanted.secret or known
        if not secret:
            raise invalid("secret", "Nobody can log in without a password or key.", "Give one of the two.")
        if settings.login is DropLogin.PASSWORD and any(one in secret for one in "\r\n\0"):
            raise invalid("secret", "A password is one line.", "Give it without line breaks, or say that it is a key.")
        if expected is None:
            expected = now.revision if now is not None else 0
        sealed = self._ports.vault.seal(settings.secret_ref, secret) if secret != known else None
        with explained():
            self._ports.drops.put_file_drop(settings, by=by, expected=expected, secret=sealed)
        return self.get(tenant)

    def test(self, tenant: str, *, by: str) -> DropTrial:
        """Put a small file into the folder now, and take it away again."""
        settings = self.get(tenant)
        with explained():
            secret = self._ports.vault.get(settings.secret_ref)
        verdict = self._ports.drop_probe.attempt(settings, secret, self._ports.token())
        self._ports.trail.note(by, "file_drop.tested", tenant, tenant=tenant, verdict=verdict.value)
        return DropTrial(verdict, drop_sentence(verdict, Language.GERMAN), drop_sentence(verdict, Language.ENGLISH))


def _settings(tenant: str, wanted: WantedDrop) -> FileDropSettings:
    with explained():
        return FileDropSettings(
            tenant=tenant,
            protocol=wanted.protocol,
            host=wanted.host.strip(),
            port=wanted.port if wanted.port is not None else USUAL_PORTS[wanted.protocol],
            username=wanted.username.strip(),
            secret_ref=f"{tenant}/file-drop",
            login=wanted.login,
            folder=wanted.folder.strip(),
            host_key=_bare(wanted.host_key),
            unencrypted=wanted.unencrypted,
            active=wanted.active,
        )


def _bare(host_key: str) -> str:
    """A public key without the comment that files of keys put behind it."""
    return " ".join(host_key.split()[:2])
