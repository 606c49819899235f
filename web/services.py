"""Everything that routes and the relay work with, in one value, so that tests hand in what they like."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from administration import Administration
from settings import Profile, Settings
from storage.clock import TenantClocks
from storage.database import Database
from storage.directory import Directory
from storage.failure_files import FailureFiles
from storage.inbox import Inbox
from storage.leases import Leases
from storage.messages import Messages
from storage.orders import Orders
from storage.records import Records
from storage.tokens import Tokens
from web.messenger import Messenger


def real_time() -> datetime:
    """Now (UTC). Tokens, callbacks and the relay live in real time, also for simulated tenants."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Stores over one database, the way to the workflows, and the settings."""

    settings: Settings
    messenger: Messenger
    database: Database
    directory: Directory
    tokens: Tokens
    orders: Orders
    records: Records
    messages: Messages
    inbox: Inbox
    leases: Leases
    clocks: TenantClocks
    failure_files: FailureFiles
    administration: Administration
    now: Callable[[], datetime] = real_time

    @classmethod
    def over(
        cls,
        database: Database,
        messenger: Messenger,
        settings: Settings,
        administration: Administration,
        now: Callable[[], datetime] = real_time,
    ) -> "Services":
        """All stores over one database; `administration` is put together by who knows the adapters."""
        return cls(
            settings=settings,
            messenger=messenger,
            database=database,
            directory=Directory(database),
            tokens=Tokens(database),
            orders=Orders(database),
            records=Records(database),
            messages=Messages(database),
            inbox=Inbox(database),
            leases=Leases(database, now),
            clocks=TenantClocks(database, production=settings.profile is Profile.PRODUCTION),
            failure_files=FailureFiles(database),
            administration=administration,
            now=now,
        )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
