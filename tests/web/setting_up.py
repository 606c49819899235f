"""What tests of the setup routes send, and a tenant that is set up already."""

from typing import Any

from administration.connections import WantedConnection
from administration.fields import Changes
from administration.mail import WantedMail
from administration.places import Place
from domain.tenant_config import AppMode
from tests.administration.fakes import PASSWORD, PRIVATE, PUBLIC
from tests.web.world import World

CONNECTION: dict[str, Any] = {"base_url": "https://erp.example/soap/", "username": "pixiDEM", "password": PASSWORD}
MAIL: dict[str, Any] = {
    "host": "mail.example",
    "port": 587,
    "sender": "holdfast@acme.example",
    "recipient": "ops@acme.example",
}
CARD: dict[str, Any] = {
    "invoice_event": "UZE",
    "return_event": "UZR",
    "xml_tag": "UZCARD",
    "tolerance_minor": 1,
    "public_key": PUBLIC,
    "private_key": PRIVATE,
    "mode": "expert",
}
PLACE = {"connection": "pixi", "shop_id": "DEM", "payment_code": "K"}
ID = "acme.pixi.DEM.K"


def set_up(world: World) -> None:
    """The tenant acme gets a connection, a mail account and a configuration."""
    services = world.services.administration
    services.connections.save("acme", WantedConnection("pixi", **CONNECTION), by="kim")
    services.mail.save("acme", WantedMail(**MAIL), by="kim")
    changes = Changes(**CARD | {"mode": AppMode.EXPERT})
    services.configurations.create("acme", Place(**PLACE), changes, by="kim")
