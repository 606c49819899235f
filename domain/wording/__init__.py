"""Texts for merchants, in German and English: comments on the ERP order, problems, and what an order waits for.

A text has a code and named parameters and nothing else; whoever raises it decides the code, here stand the sentences.
Amounts, days and numbers come as ready strings. A parameter that is itself a code (of a problem, an operation, a
reason, a system) is put into words here, and an instant of what an order waits for into Berlin wall time. A missing or
surplus parameter and an unknown code raise `ValueError`.

Every text fits Windows-1252, for the ERP keeps comments in that character set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from domain.operations import Note
from domain.tenant_config import Language
from domain.windows import BERLIN
from domain.wording.authorizations import EXTENSIONS, NOTICE_SUBJECTS, NOTICES, STANDINGS, STATUSES
from domain.wording.names import OPERATIONS, REASONS, SYSTEMS
from domain.wording.orders import COMMENTS, WAITS
from domain.wording.problems import CAUSES, HAPPENED, TO_DO
from domain.wording.text import Text

_TABLES = {
    "problem": CAUSES,
    "operation": OPERATIONS,
    "reason": REASONS,
    "system": SYSTEMS,
    "extension": EXTENSIONS,
    "standing": STANDINGS,
    "status": STATUSES,
}

Params = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class ProblemText:
    """One problem in words: the cause for a subject line, what happened, and what the merchant should do."""

    cause_short: str
    what_happened: str
    what_to_do: str


def comment_text(note: Note, language: Language, at: datetime) -> str:
    """The comment on the ERP order for what was done at `at` (UTC), with the Berlin date and time in front."""
    return f"{instant_text(at, language)}: {_filled(COMMENTS, note.code, note.params, language)}"


def problem_text(code: str, params: Params, language: Language) -> ProblemText:
    """The words for one problem of `domain.problems.CATALOGUE`; only *what happened* takes parameters."""
    return ProblemText(
        cause_short(code, language),
        _filled(HAPPENED, code, params, language),
        _filled(TO_DO, code, (), language),
    )


def cause_short(code: str, language: Language) -> str:
    """A problem in a few words, the same for every order."""
    return _filled(CAUSES, code, (), language)


def why_text(code: str, params: Params, language: Language) -> str:
    """What an order waits for, in one sentence."""
    return _filled(WAITS, code, params, language)


def notice_text(note: Note, language: Language) -> tuple[str, str]:
    """Subject and body of a mail about an extension of an authorization."""
    return _filled(NOTICE_SUBJECTS, note.code, (), language), _filled(NOTICES, note.code, note.params, language)


def operation_text(code: str, language: Language) -> str:
    """The name of an operation (`domain.operations.Kind`)."""
    return _filled(OPERATIONS, code, (), language)


def reason_text(code: str, language: Language) -> str:
    """A reason code of `domain.reasons` in a few words; '' means that none was given."""
    return _filled(REASONS, code, (), language)


def instant_text(at: datetime, language: Language) -> str:
    """Berlin wall time of an aware instant, to the minute."""
    if at.tzinfo is None:
        raise ValueError("the instant needs a zone")
    local = at.astimezone(BERLIN)
    return f"{local:%d.%m.%Y, %H:%M} Uhr" if language is Language.GERMAN else f"{local:%Y-%m-%d, %H:%M}"


def parameters(code: str) -> tuple[str, ...]:
    """The names that the comment, waiting text or notice `code` needs, in the order of its German sentence."""
    table = next(one for one in (COMMENTS, WAITS, NOTICES) if code in one or one is NOTICES)
    return _names(_text(table, code).german)


def problem_parameters(code: str) -> tuple[str, ...]:
    """The names that the problem `code` needs."""
    return _names(_text(HAPPENED, code).german)


def _text(table: Mapping[str, Text], code: str) -> Text:
    if code not in table:
        raise ValueError(f"there is no text {code!r}")
    return table[code]


def _names(template: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))


def _filled(table: Mapping[str, Text], code: str, params: Params, language: Language) -> str:
    template = _text(table, code).in_(language)
    pairs = list(params.items() if isinstance(params, Mapping) else params)
    given = dict(pairs)
    wanted = _names(template)
    if len(given) != len(pairs) or given.keys() != set(wanted):
        got = ", ".join(sorted(name for name, _ in pairs)) or "nothing"
        raise ValueError(f"the text {code!r} takes {', '.join(wanted) or 'nothing'}, not {got}")
    return "".join(
        literal + (_value(given[name], words or "", language) if name else "")
        for literal, name, words, _ in Formatter().parse(template)
    )


def _value(value: str, words: str, language: Language) -> str:
    if words == "instant":
        return _readable(value, language)
    return _filled(_TABLES[words], value, (), language) if words else value


def _readable(value: str, language: Language) -> str:
    """An ISO instant with a zone as Berlin wall time; anything else stays as it is."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if at.tzinfo is None else instant_text(at, language)
