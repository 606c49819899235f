"""Everything that routes and the relay work with, in one value, so that tests hand in what they like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from administration import Administration
from domain.authorization.handing_over import HandingOver
from settings import Profile, Settings
from storage.authorization_list import AuthorizationList
from storage.authorization_terms import AuthorizationTermsBook
from storage.authorizations import SqlAuthorizations
from storage.batches import Batches
from storage.clock import TenantClocks
from storage.database import Database
from storage.directory import Directory
from storage.failure_files import FailureFiles
from storage.form_access import FormAccessBook
from storage.inbox import Inbox
from storage.leases import Leases
from storage.messages import Messages
from storage.orders import Orders
from storage.records import Records
from storage.tokens import Tokens
from web.messenger import HoldMessenger, Messenger


def real_time() -> datetime:
    """Now (UTC). Tokens, callbacks and the relay live in real time, also for simulated tenants."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Stores over one database, the way to the workflows, and the settings."""

    settings: Settings
    messenger: Messenger
    hold_messenger: HoldMessenger
    database: Database
    directory: Directory
    tokens: Tokens
    orders: Orders
    records: Records
    messages: Messages
    inbox: Inbox
    leases: Leases
    clocks: TenantClocks
    authorizations: SqlAuthorizations
    authorization_list: AuthorizationList
    terms: AuthorizationTermsBook
    failure_files: FailureFiles
    holds: Mapping[str, HandingOver]
    forms: FormAccessBook
    batches: Batches
    administration: Administration
    now: Callable[[], datetime] = real_time

    @classmethod
    def over(
        cls,
        database: Database,
        messenger: Messenger,
        hold_messenger: HoldMessenger,
        settings: Settings,
        administration: Administration,
        authorizations: SqlAuthorizations,
        holds: Mapping[str, HandingOver],
        forms: FormAccessBook,
        now: Callable[[], datetime] = real_time,
    ) -> "Services":
        """All stores over one database; `administration`, `authorizations`, `forms` and what `holds` of each provider
        need are put together by who knows keys and adapters."""
        return cls(
            settings=settings,
            messenger=messenger,
            hold_messenger=hold_messenger,
            database=database,
            directory=Directory(database),
            tokens=Tokens(database),
            orders=Orders(database),
            records=Records(database),
            messages=Messages(database),
            inbox=Inbox(database),
            leases=Leases(database, now),
            clocks=TenantClocks(database, production=settings.profile is Profile.PRODUCTION),
            authorizations=authorizations,
            authorization_list=AuthorizationList(database),
            terms=AuthorizationTermsBook(database),
            failure_files=FailureFiles(database),
            holds=holds,
            forms=forms,
            batches=Batches(database),
            administration=administration,
            now=now,
        )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
