"""Which authorization a PayID and a TransID mean, and by which PayID it is known."""

import hashlib
import re

from paygate.codes import UNKNOWN_PAYMENT, Code
from storage.authorization_list import AuthorizationList, AuthorizationRow
from web.paygate.outcomes import OTHER_CASE

_PAY_ID = re.compile(r"[0-9A-Za-z]{32}")


def pay_id(hold_id: str) -> str:
    """A hold's id as a PayID: itself where it has the form of one, otherwise the first 32 digits of its SHA-256."""
    return hold_id if _PAY_ID.fullmatch(hold_id) else hashlib.sha256(hold_id.encode()).hexdigest()[:32]


def find(known: AuthorizationList, tenant: str, account: str, pay: str, case: str) -> AuthorizationRow | Code:
    """The authorization of an account that both names mean, or the code of what is wrong.

    The PayID is that of the first hold, which merchants keep (rules R18, R19), or of the latest. The TransID is that of
    the first authorization (rule R28).
    """
    mine = [one for one in known.of_case(tenant, account, case) if _is_named(one, pay)]
    if mine:
        return mine[0]
    return OTHER_CASE if by_pay_id(known, tenant, account, pay) is not None else UNKNOWN_PAYMENT


def by_pay_id(known: AuthorizationList, tenant: str, account: str, pay: str) -> AuthorizationRow | None:
    """The authorization that a PayID means by itself, where ids of holds have the form of a PayID."""
    for spelled in dict.fromkeys((pay, pay.lower(), pay.upper())):
        for one in known.named(tenant, account, spelled):
            return one
    return None


def newest(known: AuthorizationList, tenant: str, account: str, case: str) -> AuthorizationRow | Code:
    """The authorization of a case that was held last, or the code of what is wrong."""
    found = known.of_case(tenant, account, case)
    if not found:
        return OTHER_CASE
    return max(found, key=lambda one: (one.authorized_at is not None, one.authorized_at, one.changed_at))


def _is_named(row: AuthorizationRow, pay: str) -> bool:
    return pay.lower() in {pay_id(row.reference).lower(), pay_id(row.hold_id).lower()}
