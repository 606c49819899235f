"""Which calls and parameters Holdfast uses, what is lost without each, and with which release each came."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.erp_probe import Ability, ErpFeature, ErpInstalled, ErpProfile, ErpVersionFeature, Need

_SEPARATOR = "."  # between a call and its parameter


@dataclass(frozen=True)
class _Use:
    """One call or, as `call.parameter`, one parameter. With any of the stand-ins there, its lack is no more than a
    degradation."""

    name: str
    need: Need
    ability: Ability
    stand_ins: tuple[str, ...] = ()


_REQUIRED, _DEGRADED, _SPARE = Need.REQUIRED, Need.DEGRADED, Need.SPARE

_CALLS = (
    _Use("pixiPayGetOrdersToAuthorize", _DEGRADED, Ability.FIND_HELD),
    _Use("pixiPayGetInvoicesToCapture", _DEGRADED, Ability.FIND_SHIPPED),
    _Use("pixiGetOrderline", _REQUIRED, Ability.READ_ORDER),
    _Use("pixiGetInvoice", _REQUIRED, Ability.READ_DOCUMENTS),
    _Use("pixiGetInvoiceLines", _REQUIRED, Ability.TELL_RETURNS),
    _Use(
        "pixiGetChangedOrders",
        _REQUIRED,
        Ability.FIND_CHANGES,
        ("pixiGetOrderHeader.FromUpdateTime", "pixiGetOrderChanges"),
    ),
    _Use("pixiImportFindXML", _DEGRADED, Ability.CHECK_TAG),
    _Use("pixiCACreateManualBooking", _REQUIRED, Ability.BOOK_CREDIT_NOTES),
    _Use("pixiPaySetInvoiceCapture", _REQUIRED, Ability.BOOK_INVOICES, ("pixiCACreateManualBooking",)),
    _Use("pixiPaySetAuthorizationStatus", _REQUIRED, Ability.RELEASE, ("pixiReleaseOrder",)),
    _Use("pixiGetOrderTotals", _DEGRADED, Ability.READ_DISCOUNT),
    _Use("pixiGetOrderHeader", _REQUIRED, Ability.READ_ORDER),
    _Use("pixiAddCustomerComment", _SPARE, Ability.NOTHING),
    _Use("pixiGetAddress", _DEGRADED, Ability.VERIFY_BANK_DATA),
    _Use("pixiSetShippingLock", _SPARE, Ability.NOTHING),
    _Use("pixiCreateOrderComment", _REQUIRED, Ability.COMMENT, ("pixiAddOrderComment",)),
    _Use("pixiSetOrderShippingLock", _REQUIRED, Ability.LOCK),
    _Use("pixiCanChangeAddress", _DEGRADED, Ability.WRITE_BANK_DATA),
    _Use("pixiGetItemInfo", _SPARE, Ability.NOTHING),
    _Use("pixiGetCreditCardInfo", _DEGRADED, Ability.FIND_PAYMENT_ID),
    _Use("pixiChangeAddress", _DEGRADED, Ability.WRITE_BANK_DATA),
    _Use("pixiGetShops", _DEGRADED, Ability.LIST_SHOPS),
    _Use("pixiGetPaymenttypes", _DEGRADED, Ability.LIST_PAYMENT_TYPES),
    _Use("pixiReleaseOrder", _SPARE, Ability.RELEASE),
    _Use("pixiGetInvoicesByOrderNr", _SPARE, Ability.NOTHING),
    _Use("pixiCAGetInvoiceMatch", _DEGRADED, Ability.BOOK_ONCE),
    _Use("pixiGetOrderComments", _DEGRADED, Ability.COMMENT_ONCE),
    _Use("pixiAddOrderComment", _SPARE, Ability.COMMENT),
    _Use("pixiGetOrderChanges", _SPARE, Ability.FIND_CHANGES),
)
_HOLDERS = ("AccountHolder", "CardHolderName", "AccountName")
_PARAMETERS = (
    _Use("pixiGetOrderline.OrderNR", _REQUIRED, Ability.READ_ORDER),
    _Use("pixiGetOrderHeader.OrderNr", _REQUIRED, Ability.READ_ORDER),
    _Use("pixiGetInvoice.OrderNR", _REQUIRED, Ability.READ_DOCUMENTS),
    _Use("pixiGetInvoice.InvoiceNr", _REQUIRED, Ability.READ_DOCUMENTS),
    _Use("pixiGetInvoice.StartKey", _DEGRADED, Ability.READ_IN_PAGES),
    _Use("pixiGetInvoice.RowCount", _DEGRADED, Ability.READ_IN_PAGES),
    _Use("pixiGetOrderline.RowCount", _DEGRADED, Ability.READ_IN_PAGES),
    _Use("pixiPayGetOrdersToAuthorize.RowCount", _DEGRADED, Ability.READ_IN_PAGES),
    _Use("pixiPayGetInvoicesToCapture.RowCount", _DEGRADED, Ability.READ_IN_PAGES),
    _Use("pixiPayGetInvoicesToCapture.FromInvoiceId", _DEGRADED, Ability.READ_IN_PAGES),
    _Use(
        "pixiGetOrderHeader.FromUpdateTime",
        _DEGRADED,
        Ability.FIND_CHANGES,
        ("pixiGetChangedOrders", "pixiGetOrderChanges"),
    ),
    _Use("pixiPaySetAuthorizationStatus.AuthID", _REQUIRED, Ability.KEEP_PAYMENT_ID),
    _Use("pixiSetOrderShippingLock.UserName", _DEGRADED, Ability.EXPLAIN_LOCK),
    _Use("pixiSetOrderShippingLock.Reason", _DEGRADED, Ability.EXPLAIN_LOCK),
    _Use("pixiSetShippingLock.UserName", _SPARE, Ability.NOTHING),
    _Use("pixiCACreateManualBooking.MatchToInvoiceNr", _REQUIRED, Ability.BOOK_CREDIT_NOTES),
    _Use("pixiCACreateManualBooking.CurrencyId", _DEGRADED, Ability.BOOK_CURRENCIES),
    _Use("pixiCreateOrderComment.UserName", _DEGRADED, Ability.SIGN_COMMENT),
    _Use("pixiGetOrderComments.OrderNr", _DEGRADED, Ability.COMMENT_ONCE),
    *(
        _Use(f"pixiChangeAddress.{name}", _DEGRADED, Ability.WRITE_BANK_DATA)
        for name in ("OrderNr", "AddrType", "IBAN", "BIC", "BankName", "AccountHolder")
    ),
)

# oldest first: a release has what the ones before it had
LINES = ("LOU46", "AVA", "current")
_VERSIONS = (
    ("AVA", "pixiGetChangedOrders", "AVA 7 (8.4.7.23158)"),
    ("AVA", "pixiCACreateManualBooking.CurrencyId", "AVA 7 (8.4.7.23158)"),
    ("current", "pixiGetOrderHeader.FromUpdateTime", "18.07"),
    ("current", "pixiSetShippingLock.UserName", "18.08"),
    ("current", "pixiPayGetOrdersToAuthorize.RowCount", "22.06"),
    ("current", "pixiPayGetInvoicesToCapture.RowCount", "22.06"),
    ("current", "pixiPayGetInvoicesToCapture.FromInvoiceId", "22.06"),
    ("current", "pixiSetOrderShippingLock.UserName", "23.03"),
    ("current", "pixiSetOrderShippingLock.Reason", "23.03"),
)
Offers = Callable[[str], bool]
Takes = Callable[[str, str], bool]


def installed(offers: Offers, takes: Takes) -> ErpInstalled:
    """Every call, and every parameter of the calls that are there. What two calls do alike is needed once."""
    return ErpInstalled(
        calls=tuple(_feature(one, offers, takes) for one in _CALLS),
        parameters=tuple(
            _feature(one, offers, takes) for one in _PARAMETERS if offers(one.name.partition(_SEPARATOR)[0])
        ),
    )


def profile(offers: Offers, takes: Takes) -> ErpProfile:
    """Judged by what is newest: an old release cannot have it, a new one may lack what nobody installed."""
    there = [line for line, name, _ in _VERSIONS if _present(name, offers, takes)]
    return ErpProfile(
        line=max(there, key=LINES.index, default=LINES[0]),
        lacks=tuple(
            ErpVersionFeature(name, since) for _, name, since in _VERSIONS if not _present(name, offers, takes)
        ),
    )


def _feature(use: _Use, offers: Offers, takes: Takes) -> ErpFeature:
    call, _, parameter = use.name.partition(_SEPARATOR)
    stood_in = any(_present(name, offers, takes) for name in use.stand_ins)
    need = Need.DEGRADED if use.need is Need.REQUIRED and stood_in else use.need
    if use.need is Need.DEGRADED and stood_in:
        need = Need.SPARE
    return ErpFeature(call, _present(use.name, offers, takes), need, use.ability, parameter)


def _present(name: str, offers: Offers, takes: Takes) -> bool:
    call, _, parameter = name.partition(_SEPARATOR)
    if parameter in _HOLDERS:
        return any(takes(call, one) for one in _HOLDERS)
    return takes(call, parameter) if parameter else offers(call)
