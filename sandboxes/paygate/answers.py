"""What the calls answer: the fields in clear, before they are encrypted."""

from collections.abc import Mapping

from sandboxes.paygate import codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.fields import Refused
from sandboxes.paygate.model import CANCELAUTH, SUCCEEDED, Action, Payment
from sandboxes.paygate.wire import NO_PAY_ID


def action_answer(account: PaygateAccount, payment: Payment, action: Action) -> dict[str, str]:
    """The answer to a request that was carried out, from the action as it stands now."""
    description = codes.description(action.code)
    if action.kind == CANCELAUTH and action.state != SUCCEEDED:
        description = "DISABLED"
    answer = {
        "mid": account.settings.merchant_id,
        "PayID": payment.pay_id,
        "XID": action.xid,
        "TransID": action.trans_id,
        "RefNr": action.ref_nr,
        "Status": action.status,
        "Description": description,
        "Code": action.code,
    }
    if action.call == "direct":
        answer |= {"Type": "SSL", **_card_fields(payment)}
        if action.state == SUCCEEDED:
            answer |= _approval(payment)
    if action.user_data:
        answer["UserData"] = action.user_data
    if account.settings.code_ext and action.code_ext:
        answer |= {"CodeExt": action.code_ext, "ErrorText": action.error_text}
    return {name: value for name, value in answer.items() if value or name == "RefNr"}


def inquiry_answer(account: PaygateAccount, payment: Payment) -> dict[str, str]:
    """The answer to `inquire` and `inquire24`: status and code are those of the inquiry itself."""
    last = payment.actions[-1]
    answer = {
        "mid": account.settings.merchant_id,
        "PayID": payment.pay_id,
        "XID": last.xid,
        "TransID": payment.trans_id,
        "RefNr": payment.ref_nr,
        "Status": "OK",
        "Description": "success",
        "Code": codes.SUCCESS,
        "AmountAuth": str(_authorized(account, payment)),
        "AmountCap": str(payment.captured),
        "AmountCred": str(payment.credited),
        "Currency": payment.currency,
        "LastStatus": last.status,
    }
    if account.settings.inquire_details and payment.approval_code:
        answer |= _card_fields(payment) | _approval(payment)
    return answer


def _authorized(account: PaygateAccount, payment: Payment) -> int:
    """What was authorized and is not reversed; nobody tells Paygate that a hold ran out."""
    if account.settings.amount_auth == "bookable":
        return payment.open + payment.reserved + payment.captured
    return 0 if payment.revoked() else payment.authorized


def renamed_answer(account: PaygateAccount, payment: Payment) -> dict[str, str]:
    """The answer to `RefNrChange`."""
    return {
        "mid": account.settings.merchant_id,
        "PayID": payment.pay_id,
        "TransID": payment.trans_id,
        "RefNr": payment.ref_nr,
        "Status": "OK",
        "Description": "success",
        "Code": codes.SUCCESS,
    }


def refusal_answer(account: PaygateAccount, fields: Mapping[str, str], refused: Refused) -> dict[str, str]:
    """The answer to a request that was not carried out because of one of its fields."""
    pay_id = fields.get("payid", "")
    return {
        "mid": account.settings.merchant_id,
        "PayID": pay_id if len(pay_id) == len(NO_PAY_ID) else NO_PAY_ID,
        "TransID": fields.get("transid", "") or "na",
        "Status": "FAILED",
        "Description": str(refused),
        "Code": refused.code,
    }


def _card_fields(payment: Payment) -> dict[str, str]:
    card = payment.card
    return {
        "PCNr": card.pseudo_number,
        "CCBrand": card.brand,
        "CCExpiry": card.expiry,
        "MaskedPan": card.masked,
    }


def _approval(payment: Payment) -> dict[str, str]:
    return {"ApprovalCode": payment.approval_code, "schemeReferenceID": payment.reference}
