"""What has to be known of a payment at Paygate to look after it: its PayID, its TransID, and the pseudo card number."""

from domain.authorization.handing_over import HandingOver, Needed

PAYGATE_HOLDS = HandingOver(
    "computop",
    r"[0-9A-Fa-f]{32}",
    "c552e1ee66054bf8b0f7d3ad1c2a6fc0",
    frozenset({Needed.CASE_REFERENCE, Needed.CURRENCY, Needed.CARD_TOKEN}),
)
