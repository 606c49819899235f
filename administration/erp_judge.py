"""Whether a configuration goes together with its ERP: judged when it is saved or switched on."""

from collections.abc import Mapping
from typing import NoReturn

from administration.connections import Connections, Offered
from administration.fields import Fields
from administration.places import Place
from administration.ports import Ports
from administration.refusals import Hint, Refused, invalid
from domain.errors import HoldfastError
from domain.parties import ErpConnection
from domain.setup import CheckState, PaymentType, Sign
from domain.windows import erp_is_quiet


class ErpJudge:
    """Asks the ERP what it offers and what its customer accounts show. Raises `Refused` for what cannot be."""

    def __init__(self, ports: Ports, connections: Connections) -> None:
        self._ports = ports
        self._connections = connections

    def chosen(
        self, tenant: str, place: Place, fields: Fields, *, gone_is_final: bool
    ) -> tuple[Place, tuple[Hint, ...]]:
        """The place in the ERP's own spelling. With `gone_is_final` what the ERP does not offer is refused."""
        try:
            offered = self._connections.offered(tenant, place.connection)
        except Refused:
            if gone_is_final:
                raise
            return place, (Hint("not_checked", "The ERP could not be asked whether it still offers the payment type."),)
        view = self._connections.get(tenant, place.connection)
        hints = [one for one in view.hints if one.code in ("inactive", "unverified")]
        if not offered.fresh:
            hints.append(
                Hint("offer_from_before", f"Checked against what the ERP offered at {offered.at:%Y-%m-%d %H:%M} UTC.")
            )
        shop = next((one for one in offered.offer.shops if one.id.lower() == place.shop_id.strip().lower()), None)
        kind = next((one for one in offered.offer.payment_types if one.code == place.payment_code.strip()), None)
        if shop is None or kind is None:
            if gone_is_final:
                _not_offered(place, offered, shop_known=shop is not None)
            hints.append(Hint("payment_type_gone", f"The ERP does not offer {place.payment_code} any more."))
            return place, tuple(hints)
        return Place(place.connection, shop.id, kind.code), (*hints, *_tag_hint(kind, fields))

    def signs(self, connection: ErpConnection, place: Place, fields: Fields) -> tuple[Hint, ...]:
        """What the customer accounts show of the booking events; where they show nothing, a person has to know."""
        wanted = {fields.invoice_event: Sign.POSITIVE, fields.return_event: Sign.NEGATIVE}
        found = self._evidence(connection, place, wanted)
        for event, sign in wanted.items():
            if found.get(event, sign) is not sign:
                name = "invoice_event" if sign is Sign.POSITIVE else "return_event"
                raise invalid(
                    name,
                    f"The booking event {event} is {found[event].value} in the ERP's customer accounts, and it has to "
                    f"be {sign.value}.",
                    "Give the other event, or let the ERP's support create one.",
                )
        return tuple(
            Hint(
                "event_sign_unknown",
                f"The ERP does not tell the sign of booking event {event}: ask its support whether it is {sign.value}.",
            )
            for event, sign in wanted.items()
            if event not in found
        )

    def _evidence(self, connection: ErpConnection, place: Place, events: Mapping[str, Sign]) -> Mapping[str, Sign]:
        if erp_is_quiet(self._ports.now(connection.tenant)):
            return {}
        if self._ports.checks.get(connection.tenant, connection.name).state is not CheckState.PROVEN:
            return {}
        try:
            access = self._connections.access(connection.tenant, connection.name)
            return self._ports.erp.event_signs(access, place.shop_id, place.payment_code, events)
        except HoldfastError:
            return {}


def _not_offered(place: Place, offered: Offered, *, shop_known: bool) -> NoReturn:
    if not shop_known:
        shops = ", ".join(one.id for one in offered.offer.shops) or "none"
        raise invalid("shop_id", f"The ERP has no shop {place.shop_id}; it has {shops}.", "Choose one of these shops.")
    codes = ", ".join(f"{one.code} ({one.text})" for one in offered.offer.payment_types) or "none"
    raise invalid(
        "payment_code",
        f"The ERP does not offer the payment type {place.payment_code}, or not any more; it offers {codes}.",
        "Choose one of these payment types, or create it in the ERP first.",
    )


def _tag_hint(kind: PaymentType, fields: Fields) -> tuple[Hint, ...]:
    if not kind.xml_tag or kind.xml_tag.lower() == fields.xml_tag.lower():
        return ()
    return (
        Hint(
            "xml_tag_differs",
            f"The ERP has the XML tag {kind.xml_tag} for {kind.code}, the configuration {fields.xml_tag}.",
        ),
    )
