"""The mail about a failure file that is late: what is the matter, and what to do."""

from domain.operations import Note, operation_key
from domain.ports import Mail
from domain.problems import CATALOGUE, Severity
from domain.tenant_config import Language
from domain.wording import problem_text

_WORDS = {
    Language.GERMAN: (
        "Fehler",
        "Hinweis",
        "Was ist geschehen?",
        "Was ist zu tun?",
        "Diese E-Mail wurde von Holdfast verschickt. Bitte antworten Sie nicht darauf.",
    ),
    Language.ENGLISH: (
        "Error",
        "Notice",
        "What happened?",
        "What is to be done?",
        "This mail was sent by Holdfast. Please do not reply to it.",
    ),
}


def file_mail(*, tenant: str, name: str, note: Note, language: Language, operation_id: str) -> Mail:
    """The mail for a problem with the file `name`.

    The Message-ID comes from the operation id. Raises ValueError for an unknown code and for parameters that do not
    fit it.
    """
    error, notice, happened, to_do, closing = _WORDS[language]
    text = problem_text(note.code, note.params, language)
    kind = CATALOGUE[note.code]
    subject = f"{kind.number} {text.cause_short}"
    named = error if kind.severity is Severity.ERROR else notice
    parts = [f"{named} {subject}", "", happened, text.what_happened, "", to_do, text.what_to_do, "", "-- ", closing, ""]
    return Mail(
        tenant=tenant,
        subject=f"[{tenant}] {subject} ({name})",
        body="\n".join(parts),
        message_id=f"<{operation_key(operation_id)}@holdfast>",
        language=language,
    )
