"""Accounts and payments as the control routes show them."""

from typing import Any

from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.model import Action, Payment


def account_view(account: PaygateAccount) -> dict[str, Any]:
    settings = account.settings
    return {
        "name": account.name,
        "merchant_id": settings.merchant_id,
        "cipher": settings.cipher.value,
        "password": settings.password,
        "hmac_key": settings.hmac_key,
        "settings": settings.model_dump(mode="json"),
        "payments": len(account.payments),
    }


def payment_view(payment: Payment) -> dict[str, Any]:
    """A payment with its amounts in minor units and everything that was done to it."""
    return {
        "pay_id": payment.pay_id,
        "trans_id": payment.trans_id,
        "ref_nr": payment.ref_nr,
        "state": payment.state,
        "currency": payment.currency,
        "authorized_minor": payment.authorized,
        "open_minor": payment.open,
        "reserved_minor": payment.reserved,
        "captured_minor": payment.captured,
        "credited_minor": payment.credited,
        "reversed_minor": payment.reversed,
        "ignored_minor": payment.ignored,
        "lapsed_minor": payment.lapsed,
        "capture": payment.capture,
        "initiator": payment.initiator,
        "brand": payment.card.brand,
        "pcnr": payment.card.pseudo_number,
        "card_expiry": payment.card.expiry,
        "masked_pan": payment.card.masked,
        "approval_code": payment.approval_code,
        "scheme_reference_id": payment.reference,
        "sent_reference": payment.sent_reference,
        "created": payment.created,
        "expires": payment.expires,
        "stopped": payment.stopped,
        "actions": [action_view(one) for one in payment.actions],
    }


def action_view(action: Action) -> dict[str, Any]:
    return {
        "xid": action.xid,
        "kind": action.kind,
        "amount_minor": action.amount,
        "status": action.status,
        "code": action.code,
        "code_ext": action.code_ext,
        "req_id": action.req_id,
        "trans_id": action.trans_id,
        "ref_nr": action.ref_nr,
        "origin": action.origin,
        "at": action.at,
        "target": action.target,
        "undone_by": action.undone_by,
    }
