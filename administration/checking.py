"""The setup check of a tenant: asks ERP, provider and directory, and lets `domain.setup_check` judge what was found."""

from collections.abc import Iterator
from dataclasses import dataclass

from administration.accounts import callback_ref
from administration.connections import Connections
from administration.ports import ErpAccess, Ports, kept
from administration.refusals import existing_tenant
from domain import reasons
from domain.erp_probe import ErpPaymentType
from domain.errors import HoldfastError, Misconfigured, NotSent, Transient
from domain.parties import Configuration, ErpConnection, ProviderAccount
from domain.setup import KeyVerdict
from domain.setup_check import (
    CallbackState,
    CheckPoint,
    KeysFound,
    Verdict,
    judge_callback,
    judge_calls,
    judge_findings,
    judge_keys,
    judge_payment_type,
    judge_profile,
    worst,
)
from domain.windows import erp_is_quiet

_LIVE_KEY = "p-"


@dataclass(frozen=True)
class CheckReport:
    """Every point of a check, and the gravest verdict."""

    points: tuple[CheckPoint, ...]

    @property
    def verdict(self) -> Verdict:
        return worst(self.points)


class SetupChecks:
    """Checks a tenant's setup. Reads only, but for the provider's list of callback addresses, to which ours is added
    when it is missing and `register` is set."""

    def __init__(self, ports: Ports, connections: Connections) -> None:
        self._ports = ports
        self._connections = connections

    def run(self, tenant: str, *, by: str, register: bool = True) -> CheckReport:
        """Every point for what is active. Raises `Refused` for an unknown tenant."""
        existing_tenant(tenant, self._ports.directory.tenant(tenant))
        points = [self._mail(tenant)]
        mine = [one for one in self._ports.directory.configurations(tenant) if one.active]
        for connection in self._ports.directory.erp_connections(tenant):
            if connection.active:
                here = [one for one in mine if one.connection == connection.name]
                points += self._connection(connection, here)
        accounts = {one.config.provider_account for one in mine}
        for account in self._ports.directory.provider_accounts(tenant):
            if account.id in accounts and account.provider == self._ports.keys.provider:
                points += self._account(account, register=register, by=by)
        return CheckReport(tuple(points))

    def _mail(self, tenant: str) -> CheckPoint:
        found = self._ports.directory.mail_settings(tenant)
        return CheckPoint("mail", Verdict.PASS if found is not None else Verdict.FAIL)

    def _connection(self, connection: ErpConnection, configurations: list[Configuration]) -> Iterator[CheckPoint]:
        name = connection.name
        try:
            if erp_is_quiet(self._ports.now(connection.tenant)):
                raise NotSent(reasons.QUIET_WINDOW)
            access = self._connections.access(connection.tenant, name)
            installed, profile = self._ports.erp.installed(access), self._ports.erp.profile(access)
            self._ports.erp.prove(access)
            offered = self._offered(access)
            found = [(one, self._of_configuration(one, access, offered)) for one in configurations]
        except Misconfigured:
            yield CheckPoint("access", Verdict.FAIL, name)
        except NotSent as stop:
            yield CheckPoint("access", Verdict.ASK, name, (("reason", stop.reason),))
        except HoldfastError as error:
            yield CheckPoint("access", Verdict.ASK, name, (("reason", str(error)),))
        else:
            yield CheckPoint("access", Verdict.PASS, name)
            yield judge_calls(name, installed)
            yield judge_profile(name, profile)
            for _, points in found:
                yield from points

    def _offered(self, access: ErpAccess) -> list[ErpPaymentType]:
        return [ErpPaymentType(one.code, one.text, one.xml_tag) for one in self._ports.erp.payment_types(access)]

    def _of_configuration(
        self, configuration: Configuration, access: ErpAccess, offered: list[ErpPaymentType]
    ) -> list[CheckPoint]:
        config, code = configuration.config, configuration.payment_code
        events = (config.invoice_event, config.return_event)
        found = self._ports.erp.findings(access, configuration.shop_id, code, events)
        return [
            *judge_payment_type(configuration.id, code, config.xml_tag, offered),
            *judge_findings(configuration.id, found, *events),
        ]

    def _account(self, account: ProviderAccount, *, register: bool, by: str) -> Iterator[CheckPoint]:
        private = kept(self._ports.vault, account.secret_ref)
        yield from judge_keys(account.id, self._keys(account, private))
        token = kept(self._ports.vault, callback_ref(account.id))
        try:
            state = self._ports.callbacks.state(account, private, token, create=register and bool(private))
        except (Transient, Misconfigured):
            state = CallbackState.UNKNOWN
        if state is CallbackState.CREATED:
            self._ports.trail.note(by, "callback.registered", account.id, tenant=account.tenant)
        yield judge_callback(account.id, state)

    def _keys(self, account: ProviderAccount, private: str) -> KeysFound:
        live, wanted = account.public_key.startswith(_LIVE_KEY), self._ports.live(account.tenant)
        try:
            verdict = self._ports.keys.judge(account.base_url, account.public_key, private)
        except Transient:
            return KeysFound(live=live, wanted_live=wanted, asked=False)
        problem = "" if verdict is KeyVerdict.PROVEN else verdict.value
        return KeysFound(problem, live=live, wanted_live=wanted)
