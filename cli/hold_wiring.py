"""Puts orders and the authorizations that hold their money together: wishes one way, hints the other."""

import asyncio
from datetime import UTC, datetime

from temporalio.client import Client

from activities.authorization_records import Moved
from activities.recorder import activity_time
from cli.held_payments import HeldPayments
from cli.wiring import HOLDS, Stores
from domain.authorization.ports import Instrument
from domain.authorization.records import AuthorizationRef
from domain.authorization.state import AuthorizationState
from domain.errors import Misconfigured
from domain.parties import ProviderAccount
from domain.ports import PaymentProvider
from settings import Settings
from storage.authorizations import StartedAuthorization
from workflows.messages import AuthorizationStart
from workflows.sending_holds import AuthorizationSender, KnownAuthorization


def held_payments(settings: Settings, stores: Stores, client: Client) -> dict[str, PaymentProvider]:
    """Payments whose hold belongs to an authorization, by provider; call it in the client's event loop."""
    sender = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
    books, loop = AuthorizationBooks(stores), asyncio.get_running_loop()
    return {name: HeldPayments(one, books, sender, loop, activity_time) for name, one in HOLDS.items()}


class AuthorizationBooks:
    """Fulfils `cli.held_payments.Books`."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def account(self, account: str) -> ProviderAccount:
        found = self._stores.directory.provider_account(account)
        if found is None:
            raise Misconfigured(f"there is no provider account {account}: add it")
        return found

    def known(self, workflow_id: str) -> KnownAuthorization | None:
        return self._stores.known_authorization(workflow_id)

    def state(self, workflow_id: str) -> AuthorizationState | None:
        return self._stores.authorizations.load(workflow_id)

    def begin(self, started: StartedAuthorization, instrument: Instrument, at: datetime) -> bool:
        return self._stores.authorizations.begin(started, instrument, at)

    def start(self, account: ProviderAccount, reference: str) -> AuthorizationStart:
        terms = self._stores.terms.current(account.tenant, account.id)
        return AuthorizationStart(account.tenant, account.provider, account.id, reference, terms)


def tell_orders(stores: Stores) -> Moved:
    """Marks the payment of an authorization to be looked at by its order. Marks live in real time."""

    def moved(authorization: AuthorizationRef) -> None:
        at = datetime.now(UTC)
        stores.inbox.note(authorization.tenant, authorization.provider, authorization.reference, "authorization", at)

    return moved
