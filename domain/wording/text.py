"""One text in both languages of merchants."""

from dataclasses import dataclass

from domain.tenant_config import Language


@dataclass(frozen=True)
class Text:
    """One text in both languages.

    `{name}` stands for a parameter, `{name:words}` for a code put into words, `{name:instant}` for an ISO instant that
    is shown in Berlin wall time.
    """

    german: str
    english: str

    def in_(self, language: Language) -> str:
        return self.german if language is Language.GERMAN else self.english
