"""Our callback address at a provider, for `administration.ports.Callbacks`."""

from urllib.parse import quote

from adapters.unzer.account import UnzerAccount
from adapters.unzer.registrations import UnzerRegistrations
from domain.parties import ProviderAccount
from domain.setup_check import CallbackState


class UnzerCallbackRegistry:
    """Knows our address by the token in it; addresses of others are never touched. Time-outs are seconds."""

    def __init__(
        self, registrations: UnzerRegistrations, public_url: str, *, timeout_seconds: float, connect_seconds: float
    ) -> None:
        self._registrations = registrations
        self._public_url = public_url.rstrip("/")
        self._timeout = timeout_seconds
        self._connect = connect_seconds

    def state(self, account: ProviderAccount, private_key: str, token: str, *, create: bool) -> CallbackState:
        home = f"{self._public_url}/callbacks/v1.0/unzer/{quote(account.tenant, safe='')}/"
        at = UnzerAccount(
            account.id,
            account.base_url,
            account.public_key,
            private_key,
            timeout_seconds=self._timeout,
            connect_seconds=self._connect,
        )
        url = home + token
        if not token:  # set up before tokens were kept: the address that is registered is the only one to be known
            known = [one.url for one in self._registrations.all(at) if one.url.startswith(home)]
            if not known:
                return CallbackState.MISSING
            url = known[0]
        if not self._registrations.missing(at, url):
            return CallbackState.REGISTERED
        if not create:
            return CallbackState.MISSING
        self._registrations.register(at, url, lambda: None)
        return CallbackState.CREATED
