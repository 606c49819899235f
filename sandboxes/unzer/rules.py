"""What each payment type may do: one row per type. Everything that differs between types is read from here."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TypeRule:
    """One payment type: its path name, the part in its ids, and what the API lets it do."""

    name: str
    short: str
    authorize: bool = False
    charge: Literal["no", "success", "redirect", "transfer"] = "redirect"
    refund: Literal["no", "charge", "payment"] = "charge"
    redirect: bool = False  # an authorization of this type waits for the customer first
    void_after_capture: bool = True  # the rest of an authorization can be released after a capture
    cancel_pending: bool = False  # a pending charge can be cancelled before money arrives
    reason_code: bool = False
    customer: bool = False
    basket: bool = False
    same_addresses: bool = False
    shipment: Literal["no", "required", "active"] = "no"
    bank: Literal["", "charge", "authorize", "customer"] = ""
    currencies: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  # id parts of former types that behave the same

    @property
    def paylater(self) -> bool:
        return self.name.startswith("paylater-")


def _redirected(name: str, short: str, *, currencies: tuple[str, ...] = ()) -> TypeRule:
    return TypeRule(name, short, charge="redirect", currencies=currencies)


def _paylater(name: str, short: str, brand: str, bank: Literal["", "authorize"]) -> TypeRule:
    return TypeRule(
        name,
        short,
        authorize=True,
        charge="no",
        refund="payment",
        void_after_capture=False,
        customer=True,
        bank=bank,
        brands=(brand,),
    )


_ROWS = (
    TypeRule("card", "crd", authorize=True, charge="success", brands=("VISA", "MASTER")),
    TypeRule("applepay", "apl", authorize=True, charge="success", brands=("VISA", "MASTER")),
    TypeRule("googlepay", "gop", authorize=True, charge="success", brands=("VISA", "MASTER")),
    TypeRule("clicktopay", "ctp", authorize=True, charge="success", brands=("VISA", "MASTER")),
    TypeRule("paypal", "ppl", authorize=True, charge="redirect", redirect=True),
    TypeRule("klarna", "kla", authorize=True, charge="no", refund="payment", redirect=True, customer=True),
    TypeRule("prepayment", "ppy", charge="transfer", cancel_pending=True, bank="charge"),
    TypeRule("invoice", "ivc", charge="transfer", cancel_pending=True, bank="charge"),
    TypeRule(
        "invoice-secured",
        "ivs",
        charge="transfer",
        cancel_pending=True,
        reason_code=True,
        customer=True,
        basket=True,
        shipment="required",
        bank="charge",
        aliases=("ivg", "ivf"),
    ),
    _paylater("paylater-invoice", "piv", "INV", "authorize"),
    _paylater("paylater-installment", "pit", "INS", "authorize"),
    _paylater("paylater-direct-debit", "pdd", "DD", ""),
    TypeRule("sepa-direct-debit", "sdd", charge="success", bank="customer"),
    TypeRule(
        "sepa-direct-debit-secured",
        "dds",
        charge="success",
        customer=True,
        basket=True,
        same_addresses=True,
        shipment="active",
        bank="customer",
        aliases=("ddg",),
    ),
    TypeRule("giropay", "gro", charge="redirect", refund="no"),
    _redirected("sofort", "sft"),
    _redirected("eps", "eps"),
    _redirected("ideal", "idl"),
    _redirected("alipay", "ali"),
    _redirected("przelewy24", "p24", currencies=("PLN",)),
    _redirected("openbanking-pis", "obp"),
    _redirected("wero", "wro"),
    _redirected("bancontact", "bct"),
    _redirected("twint", "twt"),
    _redirected("wechatpay", "wcp"),
    _redirected("payu", "pyu"),
    _redirected("pis", "pis"),
    _redirected("post-finance-card", "pfc"),
    _redirected("post-finance-efinance", "pfe"),
)

RULES: dict[str, TypeRule] = {rule.name: rule for rule in _ROWS}
BY_SHORT: dict[str, TypeRule] = {part: rule for rule in _ROWS for part in (rule.short, *rule.aliases)}


def rule_of_type_id(type_id: str) -> TypeRule | None:
    """The rule behind an id such as `s-crd-abcdefghijkl`."""
    parts = type_id.split("-")
    return BY_SHORT.get(parts[1]) if len(parts) >= 3 else None
