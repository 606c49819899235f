"""Mails about an authorization: a failed or good extension with its facts, or a problem."""

from domain.operations import Note, operation_key
from domain.ports import Mail
from domain.problems import CATALOGUE, Severity
from domain.tenant_config import Language
from domain.wording import notice_text, problem_text

_CLOSING = {
    Language.GERMAN: "Diese E-Mail wurde von Holdfast verschickt. Bitte antworten Sie nicht darauf.",
    Language.ENGLISH: "This mail was sent by Holdfast. Please do not reply to it.",
}
_WORDS = {
    Language.GERMAN: ("Autorisierung", "Fehler", "Hinweis", "Was ist geschehen?", "Was ist zu tun?"),
    Language.ENGLISH: ("Authorization", "Error", "Notice", "What happened?", "What is to be done?"),
}


def hold_mail(*, tenant: str, name: str, note: Note, language: Language, operation_id: str) -> Mail:
    """The mail for a note of an authorization that its merchant calls `name`.

    The Message-ID comes from the operation id. Raises ValueError for an unknown code and for parameters that do not
    fit it.
    """
    authorization, error, notice, happened, to_do = _WORDS[language]
    if note.code in CATALOGUE:
        kind, text = CATALOGUE[note.code], problem_text(note.code, note.params, language)
        named = error if kind.severity is Severity.ERROR else notice
        subject = f"{kind.number} {text.cause_short}"
        parts = [f"{named} {subject}", "", happened, text.what_happened, "", to_do, text.what_to_do]
    else:
        subject, body = notice_text(note, language)
        parts = [body]
    return Mail(
        tenant=tenant,
        subject=f"[{tenant}] {subject} ({authorization} {name})",
        body="\n".join([*parts, "", "-- ", _CLOSING[language], ""]),
        message_id=f"<{operation_key(operation_id)}@holdfast>",
        language=language,
    )
