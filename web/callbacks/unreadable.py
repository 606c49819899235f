"""Keeps what came to a right address and cannot be read, for whoever has to find out why. Nothing is marked by it."""

from datetime import datetime

from domain.parties import ProviderAccount
from storage.database import Database
from storage.inbox import BODY_LIMIT
from storage.tables import callback_inbox


def keep_unreadable(database: Database, account: ProviderAccount, body: bytes, at: datetime) -> None:
    """Append the body, cut to the inbox's limit, without a payment."""
    with database.write() as connection:
        connection.execute(
            callback_inbox.insert().values(
                tenant=account.tenant,
                provider=account.provider,
                payment_id="",
                event="unreadable",
                body=body[:BODY_LIMIT].decode("utf-8", "replace"),
                received_at=at,
            )
        )
