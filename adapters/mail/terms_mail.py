"""The mail that confirms a change of the terms of an account (rule R8)."""

from domain.authorization.terms_change import TermsChange
from domain.operations import operation_key
from domain.ports import Mail
from domain.tenant_config import Language
from domain.wording.terms import terms_text

_CLOSING = {
    Language.GERMAN: "Diese E-Mail wurde von Holdfast verschickt. Bitte antworten Sie nicht darauf.",
    Language.ENGLISH: "This mail was sent by Holdfast. Please do not reply to it.",
}


def terms_mail(change: TermsChange, operation_id: str) -> Mail:
    """The mail for a change. The Message-ID comes from the operation id."""
    text, tenant, language = terms_text(change), change.now.tenant, change.language
    parts = [text.head, "", text.changed_title, *(f"- {one}" for one in text.changed), "", text.means_title]
    return Mail(
        tenant=tenant,
        subject=f"[{tenant}] {text.subject}",
        body="\n".join([*parts, *text.means, "", "-- ", _CLOSING[language], ""]),
        message_id=f"<{operation_key(operation_id)}@holdfast>",
        language=language,
    )
