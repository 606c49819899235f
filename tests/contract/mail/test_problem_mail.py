"""The mail about a problem says which, of what order, what happened and what to do."""

import pytest

from adapters.mail.problem_mail import problem_mail
from domain import wording
from domain.ports import Mail
from domain.problems import CATALOGUE
from domain.tenant_config import Language

OPERATION = "order/acme/erp/4711/mail/capture_failed/1"
CODED = {"reason": "refused", "operation": "capture", "system": "erp", "standing": "lapsed"}


def _mail(code: str, language: Language, **more: str) -> Mail:
    params = {name: CODED.get(name, f"<{name}>") for name in wording.problem_parameters(code)}
    given = {"tenant": "acme", "order_no": "4711", "operation_id": OPERATION, **more}
    return problem_mail(code=code, params=params, language=language, **given)


@pytest.mark.parametrize("code", CATALOGUE)
@pytest.mark.parametrize("language", list(Language))
def test_every_problem_has_its_mail(code: str, language: Language) -> None:
    """Number, order, both sentences and every parameter stand in it, in the tenant's language."""
    mail = _mail(code, language)
    params = {name: CODED.get(name, f"<{name}>") for name in wording.problem_parameters(code)}
    text = wording.problem_text(code, params, language)
    assert (mail.tenant, mail.language) == ("acme", language)
    word = "Bestellung" if language is Language.GERMAN else "Order"
    assert mail.subject == f"[acme] {CATALOGUE[code].number} {text.cause_short} ({word} 4711)"
    for part in (str(CATALOGUE[code].number), "4711", text.what_happened, text.what_to_do):
        assert part in mail.body
    assert all(f"<{name}>" in mail.body for name in params if name not in CODED)
    assert not set("{}") & set(mail.body)


def test_the_languages_have_no_line_in_common() -> None:
    """Every word of the mail is translated; only numbers, addresses and empty lines are the same."""
    german, english = (
        set(_mail("capture_failed", language, subject="RE-1").body.splitlines()) for language in Language
    )
    assert german & english <= {"", "-- "}


def test_errors_and_notices_are_named_apart() -> None:
    """A notice asks nothing of anybody yet."""
    assert _mail("capture_failed", Language.ENGLISH).body.startswith("Error 2035")
    assert _mail("transfer_overdue", Language.ENGLISH).body.startswith("Notice 1031")


def test_what_it_concerns_and_where_to_look_are_optional() -> None:
    """An invoice number and the page of the order stand in the mail when they are given."""
    bare = _mail("capture_failed", Language.GERMAN)
    full = _mail("capture_failed", Language.GERMAN, subject="RE-1", order_url="https://holdfast.example/orders/4711")
    assert "Betrifft" not in bare.body
    assert "https://" not in bare.body
    assert "Betrifft: RE-1" in full.body
    assert "https://holdfast.example/orders/4711" in full.body


def test_the_message_id_follows_from_the_operation() -> None:
    """The same operation has the same id, another one has another."""
    mail, again = _mail("chargeback", Language.GERMAN), _mail("chargeback", Language.ENGLISH)
    other = _mail("chargeback", Language.GERMAN, operation_id=f"{OPERATION}0")
    assert mail.message_id == again.message_id != other.message_id


def test_parameters_that_do_not_fit_are_refused() -> None:
    """A mail with a hole in it is not written."""
    with pytest.raises(ValueError, match="takes"):
        problem_mail(
            tenant="acme", order_no="1", code="chargeback", params={}, language=Language.GERMAN, operation_id=OPERATION
        )
