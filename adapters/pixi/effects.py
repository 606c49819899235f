"""The frame around every effect: look first, do once, verify, comment; and what a failure in between means.

An effect is made of steps that can each be found again by reading, so a repetition picks up where the last one ended.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from adapters.pixi import mapping, reading
from adapters.pixi.client import Value
from adapters.pixi.clients import Session
from adapters.pixi.texts import with_tag
from adapters.pixi.trouble import Trouble
from domain import reasons
from domain.errors import Misconfigured, NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Earlier, ErpComment

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """Ends an effect with a result that is no success."""

    def __init__(self, result: OperationResult) -> None:
        super().__init__(result.reason)
        self.result = result


def declined(reason: str) -> Stopped:
    return Stopped(OperationResult(Outcome.DECLINED, reason))


def unverified(evidence: Evidence = Evidence()) -> Stopped:
    """The database said yes, and reading does not show it (yet)."""
    return Stopped(OperationResult(Outcome.UNKNOWN, reasons.BAD_ANSWER, evidence))


@dataclass
class Effect:
    """One execution of one effect on one order."""

    session: Session
    order_no: str
    number: int
    earlier: Earlier

    def must_not_send(self) -> None:
        """Ends here when an earlier request may still take effect: what was not found stays unknown."""
        if not self.earlier.may_send:
            raise Stopped(OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY))

    def comment(self, comment: ErpComment) -> bool:
        """Write the comment unless an earlier send left it there; returns whether it was found."""
        if not (comment.text or comment.tag):
            return True
        if self.earlier.sends > 0 and comment.tag and reading.has_comment(self.session, self.number, comment.tag):
            return True
        self.must_not_send()
        method = next((name for name in _COMMENT_CALLS if self.session.offers(name)), _COMMENT_CALLS[0])
        said: dict[str, Value] = {"OrderNr": self.number, "Comment": with_tag(comment.text, comment.tag)}
        self.session.write(method, said, {"UserName": self.session.engine_name})
        return False

    def comment_after(self, comment: ErpComment, evidence: Evidence) -> OperationResult:
        """The comment on an effect that took place. Only a definite no to the comment leaves the effect a success."""
        try:
            self.comment(comment)
        except Trouble as trouble:
            if not trouble.writing or mapping.outcome_of(trouble.kind).outcome is not Outcome.DECLINED:
                raise
            log.warning("pixi.comment_refused", order=self.order_no, tag=comment.tag)
        return OperationResult(Outcome.SUCCEEDED, evidence=evidence)


_COMMENT_CALLS = ("pixiCreateOrderComment", "pixiAddOrderComment")


def carry_out(
    open_session: Callable[[], Session],
    order_no: str,
    earlier: Earlier,
    work: Callable[[Effect], OperationResult],
) -> OperationResult:
    """Run the effect and map what went wrong. `NotSent` passes on when nothing was changed before it.

    An effect of several steps that stops between two of them is *unknown* until the rest is done: it was sent.
    """
    session: Session | None = None
    try:
        session = open_session()
        number = reading.order_number(order_no)
        if number is None:
            return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        return work(Effect(session, order_no, number, earlier))
    except Stopped as stopped:
        return _in_doubt(stopped.result, earlier)
    except NotSent as stop:
        if session is None or not session.wrote:
            raise
        return OperationResult(Outcome.UNKNOWN, stop.reason, retry_at=stop.retry_at)
    except Misconfigured:
        return _in_doubt(OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED), earlier)
    except Trouble as trouble:
        wrote = session is not None and session.wrote
        if trouble.writing:
            result = mapping.outcome_of(trouble.kind)
            halfway = wrote and result.outcome is Outcome.NOT_SENT
            return replace(result, outcome=Outcome.UNKNOWN) if halfway else result
        return mapping.outcome_of_looking(trouble.kind, doubt=earlier.sends > 0 or wrote)


def _in_doubt(result: OperationResult, earlier: Earlier) -> OperationResult:
    """Settings that went missing say nothing about an earlier send."""
    if earlier.sends > 0 and result.reason == reasons.MISCONFIGURED:
        return replace(result, outcome=Outcome.UNKNOWN)
    return result
