"""Every call this server knows, by name."""

from sandboxes.pixi.calls import (
    addresses,
    authorization,
    bookings,
    capture,
    changes,
    comments,
    headers,
    imports,
    invoices,
    items,
    locks,
    master,
    orderlines,
)
from sandboxes.pixi.settings import AccountSettings
from sandboxes.pixi.soap.procedure import Procedure

ALL: dict[str, Procedure] = {
    one.name: one
    for module in (
        authorization,
        capture,
        orderlines,
        invoices,
        changes,
        imports,
        bookings,
        headers,
        comments,
        addresses,
        locks,
        items,
        master,
    )
    for one in module.CALLS
}


def offered(settings: AccountSettings) -> list[Procedure]:
    """What an account's profile has and its database has installed, in a stable order."""
    return [one for one in ALL.values() if one.offered(settings)]
