"""Places: what a configuration is for, and which one stands there."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from administration.refusals import Refused, Why
from domain.parties import Configuration


@dataclass(frozen=True)
class Place:
    """What a configuration is for."""

    connection: str
    shop_id: str
    payment_code: str


def id_at(place: Place, tenant: str) -> str:
    """The id of the configuration that is made for a place."""
    parts = (tenant, place.connection, place.shop_id, place.payment_code)
    return ".".join(quote(one, safe="").replace(".", "%2E") for one in parts)


def standing_at(place: Place, configurations: Iterable[Configuration]) -> Configuration | None:
    """The configuration of a place among those of its tenant, active ones first."""
    wanted = (place.connection, place.shop_id.strip().lower(), place.payment_code.strip())
    here = [one for one in configurations if (one.connection, one.shop_id.lower(), one.payment_code) == wanted]
    return next((one for one in here if one.active), here[0] if here else None)


def taken(there: Configuration, copied_from: str) -> Refused:
    """That `there` stands where something new is to be; `copied_from` '' when it is no copy."""
    if there.id == copied_from:
        return Refused(
            Why.CONFLICT,
            "copy_onto_itself",
            f"{there.id} cannot be copied onto itself.",
            "Choose another connection, shop or payment type, or edit it.",
        )
    state = "" if there.active else ", which is switched off"
    return Refused(
        Why.CONFLICT,
        "configuration_exists",
        f"Shop {there.shop_id} and payment type {there.payment_code} of {there.connection} have the configuration "
        f"{there.id} already{state}.",
        "Edit or activate that one.",
    )
