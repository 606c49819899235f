"""Puts codes into sentences for people: what an order waits for, its problems, its operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.operations import Note
from domain.tenant_config import Language
from domain.wording import ProblemText, cause_short, instant_text, operation_text, problem_text, reason_text, why_text

_INSTANTS = frozenset({"until", "next_look"})


def sentence(note: Note | None, language: Language) -> str | None:
    """The note in words; instants in it become Berlin wall time. A code without words stays as it is."""
    if note is None:
        return None
    params = {name: _readable(name, value, language) for name, value in note.params}
    try:
        return why_text(note.code, params, language)
    except ValueError:
        return note.code


def problem_words(code: str, params: Mapping[str, str], language: Language) -> ProblemText:
    """The problem in words; one that a newer Holdfast wrote keeps its code."""
    try:
        return problem_text(code, params, language)
    except ValueError:
        return ProblemText(code, "", "")


def cause_words(code: str, language: Language) -> str:
    """A problem in a few words; '' for none."""
    return _or_code(cause_short, code, language) if code else ""


def operation_words(kind: str, language: Language) -> str:
    return _or_code(operation_text, kind, language)


def reason_words(reason: str, language: Language) -> str:
    return _or_code(reason_text, reason, language) if reason else ""


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    de: str
    en: str


def in_both(note: Note | None) -> Both | None:
    german, english = sentence(note, Language.GERMAN), sentence(note, Language.ENGLISH)
    return Both(german, english) if german is not None and english is not None else None


def _or_code(words: Callable[[str, Language], str], code: str, language: Language) -> str:
    try:
        return words(code, language)
    except ValueError:
        return code


def _readable(name: str, value: str, language: Language) -> str:
    if name not in _INSTANTS:
        return value
    try:
        return instant_text(datetime.fromisoformat(value), language)
    except ValueError:
        return value
