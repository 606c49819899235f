"""ERP connections: proved when they are saved, switched on and off, never deleted.

What cannot be proved because the ERP is closed for the night or does not answer is saved as unverified and proved as
soon as that is possible. What the ERP refuses is not saved.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from administration.ports import ErpAccess, Ports, kept
from administration.refusals import Hint, Refused, Why, existing_tenant, explained, invalid
from domain import reasons
from domain.errors import HoldfastError, Misconfigured, NotSent, Transient
from domain.parties import MOST_CONNECTIONS, ErpConnection
from domain.setup import CheckState, ConnectionCheck, ErpOffer
from domain.windows import erp_is_quiet, erp_opens_for

NEXT_TRY = timedelta(minutes=10)  # after the ERP did not answer
SPREAD = timedelta(minutes=10)  # over which checks are made that the night held back
DEFAULT_POLL = timedelta(minutes=5)
KEEPER = "system"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class WantedConnection:
    """What is to be saved. None leaves what is saved as it is, or takes the default."""

    name: str
    base_url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    poll_interval: timedelta | None = None
    ca_file: str | None = None


@dataclass(frozen=True)
class ConnectionView:
    """A connection as it is saved, what is known of its credentials, and what to know about it."""

    connection: ErpConnection
    check: ConnectionCheck
    hints: tuple[Hint, ...]


@dataclass(frozen=True)
class Offered:
    """What an ERP offers. `fresh` is False when it could not be asked and an earlier answer, of `at`, has to do."""

    offer: ErpOffer
    at: datetime
    fresh: bool


class _CredentialsRefused(HoldfastError):
    """The ERP said no."""


class Connections:
    """The ERP connections of tenants. Every method raises `Refused`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def all(self, tenant: str) -> tuple[ConnectionView, ...]:
        """Every connection of a tenant by name, also those that are switched off."""
        self._tenant(tenant)
        return tuple(self._view(one) for one in self._ports.directory.erp_connections(tenant))

    def get(self, tenant: str, name: str) -> ConnectionView:
        """One connection."""
        return self._view(self._existing(tenant, name))

    def save(self, tenant: str, wanted: WantedConnection, *, by: str, expected: int | None = None) -> ConnectionView:
        """Add a connection or change one, after the ERP took its credentials.

        `expected` is the revision that the change was made from, 0 for a connection that must be new; adding once more
        what stands there is fine. None changes whatever stands there.
        """
        self._tenant(tenant)
        known = self._ports.directory.erp_connection(tenant, wanted.name)
        if known is None and expected not in (None, 0):
            raise _outdated(wanted.name)
        saved = kept(self._ports.vault, known.password_ref) if known is not None else ""
        connection, password = self._merged(tenant, wanted, known, saved)
        if known is not None and expected == 0:
            if connection == known and password == saved:
                return self._view(known)
            raise Refused(
                Why.CONFLICT,
                "connection_exists",
                f"The tenant {tenant} has a connection {wanted.name} already.",
                "Change that one, or choose another name.",
            )
        if known is not None and expected not in (None, known.revision):
            raise _outdated(wanted.name)
        if connection.active:
            self._check_room(connection)
        unchanged = known is not None and password == saved and _reaches_the_same(connection, known)
        check = self._asked(connection, password, unchanged=unchanged)
        with explained():
            self._ports.directory.put_erp_connection(
                connection,
                by=by,
                expected=known.revision if known is not None else 0,
                password=None if password == saved else self._ports.vault.seal(connection.password_ref, password),
            )
        self._ports.checks.put(tenant, wanted.name, check)
        return self.get(tenant, wanted.name)

    def verify(self, tenant: str, name: str, *, by: str) -> ConnectionView:
        """Prove the saved credentials now. What the ERP refuses stays saved and is shown as refused."""
        connection = self._existing(tenant, name)
        before = self._ports.checks.get(tenant, name)
        try:
            check = self._asked(connection, self._password(connection), unchanged=True)
        except Refused as refusal:
            if refusal.code != _REFUSED_CODE:
                raise
            now = self._ports.now(tenant)
            check = replace(before, state=CheckState.REFUSED, reason=reasons.MISCONFIGURED, checked_at=now, due_at=None)
        self._ports.checks.put(tenant, name, check)
        if by != KEEPER or check.state is not before.state:
            told = {"state": f"{before.state.value} → {check.state.value}", "reason": check.reason or "-"}
            self._ports.trail.note(by, "erp_connection.verified", name, tenant=tenant, **told)
        return self.get(tenant, name)

    def verify_due(self) -> int:
        """Prove what could not be proved when it was saved and is due now; returns how many were looked at."""
        looked_at = 0
        for tenant, name, due_at in self._ports.checks.waiting():
            now = self._ports.now(tenant)
            if due_at > now:
                continue
            looked_at += 1
            try:
                self.verify(tenant, name, by=KEEPER)
            except Refused:  # its password cannot be opened: the others need not wait for it
                check = self._ports.checks.get(tenant, name)
                self._ports.checks.put(tenant, name, replace(check, checked_at=now, due_at=now + NEXT_TRY))
        return looked_at

    def set_active(self, tenant: str, name: str, active: bool, *, by: str) -> ConnectionView:
        """Switch a connection on or off; with it go all of its configurations (rule P4)."""
        for last in (False, False, True):
            now = self._existing(tenant, name)
            if active:
                self._check_room(now)
            try:
                with explained():
                    wanted = replace(now, active=active)
                    self._ports.directory.put_erp_connection(wanted, by=by, expected=now.revision)
                break
            except Refused as refusal:  # somebody edits it at this moment: the switch does not undo that
                if last or refusal.why is not Why.OUTDATED:
                    raise
        return self.get(tenant, name)

    def offered(self, tenant: str, name: str) -> Offered:
        """Shops and payment types to choose from; from an earlier answer when the ERP cannot be asked now."""
        connection = self._existing(tenant, name)
        check = self._asked(connection, self._password(connection), unchanged=True)
        self._ports.checks.put(tenant, name, check)
        if check.offer is None or check.offered_at is None:
            raise Refused(
                Why.LATER,
                "erp_not_asked",
                f"The ERP cannot be asked now ({_reason(check.reason)}), and what it offers is not known from before.",
                _when(check.due_at),
            )
        return Offered(check.offer, check.offered_at, fresh=check.offered_at == check.checked_at)

    def access(self, tenant: str, name: str) -> ErpAccess:
        """How a saved connection reaches its ERP."""
        connection = self._existing(tenant, name)
        return _access(connection, self._password(connection))

    def _asked(self, connection: ErpConnection, password: str, *, unchanged: bool) -> ConnectionCheck:
        """What the ERP says to these credentials. `unchanged`: an earlier check was about the same ones."""
        before = self._ports.checks.get(connection.tenant, connection.name) if unchanged else ConnectionCheck()
        now = self._ports.now(connection.tenant)
        access = _access(connection, password)
        if erp_is_quiet(now):
            due = erp_opens_for(now, f"{connection.tenant}/{connection.name}", SPREAD)
            return _not_asked(before, reasons.QUIET_WINDOW, now, due)
        try:
            self._ports.erp.prove(access)
        except Misconfigured:
            raise _refused(connection) from None
        except NotSent as stop:
            return _not_asked(before, stop.reason, now, stop.retry_at or now + NEXT_TRY)
        except Transient:
            return _not_asked(before, reasons.UNREACHABLE, now, now + NEXT_TRY)
        proven = replace(before, state=CheckState.PROVEN, reason="", checked_at=now, proven_at=now, due_at=None)
        try:
            return replace(proven, offer=self._offer(access), offered_at=now)
        except (Misconfigured, NotSent, Transient):
            return proven  # asked once more when somebody wants to choose from it

    def _offer(self, access: ErpAccess) -> ErpOffer:
        erp = self._ports.erp
        return ErpOffer(tuple(erp.shops(access)), tuple(erp.payment_types(access)), tuple(erp.missing_calls(access)))

    def _merged(
        self, tenant: str, wanted: WantedConnection, known: ErpConnection | None, saved: str
    ) -> tuple[ErpConnection, str]:
        if known is None:
            return self._new(tenant, wanted)
        with explained():
            connection = replace(
                known,
                base_url=known.base_url if wanted.base_url is None else wanted.base_url.strip(),
                username=known.username if wanted.username is None else _username(wanted.username),
                poll_interval=known.poll_interval if wanted.poll_interval is None else wanted.poll_interval,
                ca_file=known.ca_file if wanted.ca_file is None else wanted.ca_file.strip(),
            )
        if not wanted.password and _host(connection.base_url) != _host(known.base_url):
            raise invalid(
                "password",
                "The password that is kept is not sent to another server.",
                "Give the password together with the address.",
            )
        if not (wanted.password or saved):
            raise invalid("password", "The password that was kept cannot be opened any more.", "Give it again.")
        return connection, wanted.password or saved

    def _new(self, tenant: str, wanted: WantedConnection) -> tuple[ErpConnection, str]:
        if not _NAME.fullmatch(wanted.name):
            raise invalid(
                "name",
                "The name of a connection is 1 to 40 small letters, digits and hyphens, beginning with one of the "
                "first two.",
                "Choose another name.",
            )
        if not wanted.password:
            raise invalid("password", "A new connection needs the password of the ERP.", "Give it.")
        with explained():
            connection = ErpConnection(
                tenant=tenant,
                name=wanted.name,
                base_url=(wanted.base_url or "").strip(),
                username=_username(wanted.username or ""),
                password_ref=f"{tenant}/erp/{wanted.name}",
                poll_interval=DEFAULT_POLL if wanted.poll_interval is None else wanted.poll_interval,
                ca_file=(wanted.ca_file or "").strip(),
            )
        return connection, wanted.password

    def _check_room(self, wanted: ErpConnection) -> None:
        """Said before the ERP is asked; the directory makes sure."""
        others = self._ports.directory.erp_connections(wanted.tenant)
        active = [one.name for one in others if one.active and one.name != wanted.name]
        if len(active) >= MOST_CONNECTIONS:
            raise Refused(
                Why.CONFLICT,
                "too_many_connections",
                f"The tenant {wanted.tenant} has {len(active)} active connections already ({', '.join(active)}); "
                f"{MOST_CONNECTIONS} is the most.",
                "Deactivate one of them first.",
            )

    def _view(self, connection: ErpConnection) -> ConnectionView:
        check = self._ports.checks.get(connection.tenant, connection.name)
        return ConnectionView(connection, check, tuple(_hints(connection, check)))

    def _tenant(self, tenant: str) -> None:
        existing_tenant(tenant, self._ports.directory.tenant(tenant))

    def _password(self, connection: ErpConnection) -> str:
        with explained():
            return self._ports.vault.get(connection.password_ref)

    def _existing(self, tenant: str, name: str) -> ErpConnection:
        self._tenant(tenant)
        found = self._ports.directory.erp_connection(tenant, name)
        if found is None:
            raise Refused(
                Why.MISSING,
                "unknown_connection",
                f"The tenant {tenant} has no connection {name}.",
                "Add the connection first, or check its name.",
            )
        return found


_REFUSED_CODE = "credentials_refused"


def _refused(connection: ErpConnection) -> Refused:
    return Refused(
        Why.INVALID,
        _REFUSED_CODE,
        f"The ERP at {connection.base_url} refused the user {connection.username} with this password, or it is not the "
        "address of its interface.",
        "Check address, user and password; who does not know them asks the ERP's support.",
    )


def _outdated(name: str) -> Refused:
    return Refused(
        Why.OUTDATED,
        "changed_meanwhile",
        f"{name} was changed by somebody else meanwhile.",
        "Read it again, then change it.",
    )


def _access(connection: ErpConnection, password: str) -> ErpAccess:
    return ErpAccess(
        connection.tenant, connection.name, connection.base_url, connection.username, password, connection.ca_file
    )


def _username(text: str) -> str:
    if not text.strip():
        raise invalid("username", "A connection needs the user name of the ERP.", "Give it.")
    return text.strip()


def _host(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def _reaches_the_same(one: ErpConnection, other: ErpConnection) -> bool:
    return (one.base_url, one.username, one.ca_file) == (other.base_url, other.username, other.ca_file)


def _not_asked(before: ConnectionCheck, reason: str, now: datetime, due: datetime) -> ConnectionCheck:
    """The ERP could not be asked: what was proven stays proven, everything else waits."""
    if before.state is CheckState.PROVEN:
        return replace(before, reason=reason, checked_at=now, due_at=None)
    return replace(before, state=CheckState.UNVERIFIED, reason=reason, checked_at=now, due_at=due)


def _hints(connection: ErpConnection, check: ConnectionCheck) -> list[Hint]:
    found = []
    if not connection.active:
        found.append(Hint("inactive", "The connection is switched off, and with it all of its configurations."))
    if check.state is CheckState.UNVERIFIED:
        why = f" ({_reason(check.reason)})" if check.reason else ""
        found.append(Hint("unverified", f"The ERP has not confirmed the credentials yet{why}. {_when(check.due_at)}"))
    if check.state is CheckState.REFUSED:
        found.append(Hint("refused", "The ERP does not take these credentials any more: enter them anew."))
    for one in check.offer.missing if check.offer is not None else ():
        found.append(Hint("missing_call", f"The ERP's database lacks the call {one.call}: {one.lost}"))
    return found


def _reason(code: str) -> str:
    return _REASONS.get(code, "it did not answer")


_REASONS = {
    reasons.QUIET_WINDOW: "it is closed from 00:00 to 04:00, Berlin time",
    reasons.PAUSED: "requests to it are paused",
    reasons.INACTIVE: "requests to it are switched off",
    reasons.BUSY: "it is busy with our own requests",
    reasons.RATE: "its rate of requests is used up",
}


def _when(due_at: datetime | None) -> str:
    if due_at is None:
        return "Verify the connection when it answers."
    return f"It is asked again at {due_at:%Y-%m-%d %H:%M} UTC, or when somebody verifies the connection."
