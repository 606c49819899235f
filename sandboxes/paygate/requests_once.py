"""Requests that carry a ReqId: a repeat is answered with what the first one came to, once that is final."""

from datetime import datetime

from sandboxes.paygate.model import PENDING, Action, Payment


class Remembered:
    """The first action of each ReqId of a merchant, for twelve months."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[Payment, Action]] = {}

    def keep(self, payment: Payment, action: Action) -> None:
        """Remember an action, unless an earlier one of the same ReqId is still remembered."""
        if not action.req_id:
            return
        found = self._first.get(action.req_id)
        if found is None or _forgotten(found[1], datetime.fromisoformat(action.at)):
            self._first[action.req_id] = (payment, action)

    def final(self, req_id: str, now: datetime) -> tuple[Payment, Action] | None:
        """What a repeat is answered with; None when it is carried out: unknown, forgotten, or the first still open."""
        found = self._first.get(req_id) if req_id else None
        if found is None or found[1].state == PENDING or _forgotten(found[1], now):
            return None
        return found


def _forgotten(action: Action, now: datetime) -> bool:
    at = datetime.fromisoformat(action.at)
    if (at.month, at.day) == (2, 29):
        at = at.replace(month=3, day=1)
    return now >= at.replace(year=at.year + 1)
