"""The mail about one problem of an order: number, order, what happened, what to do (rule P2)."""

from dataclasses import dataclass

from domain.operations import operation_key
from domain.ports import Mail
from domain.problems import CATALOGUE, Severity
from domain.tenant_config import Language
from domain.wording import Params, problem_text


@dataclass(frozen=True)
class _Labels:
    """The fixed words of the mail in one language."""

    order: str
    error: str
    notice: str
    concerns: str
    what_happened: str
    what_to_do: str
    page: str
    automatic: str


_LABELS = {
    Language.GERMAN: _Labels(
        order="Bestellung",
        error="Fehler",
        notice="Hinweis",
        concerns="Betrifft",
        what_happened="Was ist geschehen?",
        what_to_do="Was ist zu tun?",
        page="Zur Bestellung",
        automatic="Diese E-Mail wurde von Holdfast verschickt. Bitte antworten Sie nicht darauf.",
    ),
    Language.ENGLISH: _Labels(
        order="Order",
        error="Error",
        notice="Notice",
        concerns="Concerns",
        what_happened="What happened?",
        what_to_do="What is to be done?",
        page="See the order",
        automatic="This mail was sent by Holdfast. Please do not reply to it.",
    ),
}


def problem_mail(
    *,
    tenant: str,
    order_no: str,
    code: str,
    params: Params,
    language: Language,
    operation_id: str,
    subject: str = "",
    order_url: str = "",
) -> Mail:
    """The mail for the problem `code` with its parameters; `subject` is what it concerns within the order.

    The number comes from the catalogue, the Message-ID from the operation id. Raises ValueError for an unknown code
    and for parameters that do not fit it.
    """
    labels, text = _LABELS[language], problem_text(code, params, language)
    kind = CATALOGUE[code]
    named = labels.error if kind.severity is Severity.ERROR else labels.notice
    parts = [
        f"{named} {kind.number}: {text.cause_short}",
        f"{labels.order}: {order_no}",
        *([f"{labels.concerns}: {subject}"] if subject else []),
        "",
        labels.what_happened,
        text.what_happened,
        "",
        labels.what_to_do,
        text.what_to_do,
        *(["", f"{labels.page}: {order_url}"] if order_url else []),
        "",
        "-- ",
        labels.automatic,
        "",
    ]
    return Mail(
        tenant=tenant,
        subject=f"[{tenant}] {kind.number} {text.cause_short} ({labels.order} {order_no})",
        body="\n".join(parts),
        message_id=f"<{operation_key(operation_id)}@holdfast>",
        language=language,
    )
