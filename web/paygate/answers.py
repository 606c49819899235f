"""Answers in Paygate's style: encrypted for whoever proved to be the merchant, in clear text for anybody else."""

from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import Scope

from paygate.codes import UNDECIPHERABLE, Code
from paygate.envelope import seal
from paygate.fields import write
from web.edge.errors import ApiError
from web.paygate.outcomes import Result
from web.paygate.reading import ENCODING, Form

NO_PAYMENT = "0" * 32
_FORM = f"application/x-www-form-urlencoded; charset={ENCODING}"
UNEXPECTED = "UnexpectedError"


def early_failure(text: str = UNEXPECTED, code: Code = UNDECIPHERABLE, http_status: int = 200) -> Response:
    """What a request gets that belongs to no merchant or could not be read (rule R33)."""
    fields = (
        ("PayID", NO_PAYMENT),
        ("TransID", "na"),
        ("Status", "FAILED"),
        ("Description", text),
        ("Code", str(code)),
    )
    return Response(write(fields).encode(ENCODING), http_status, media_type="text/plain")


def answer(form: Form, result: Result, more: Iterable[tuple[str, str]] = (), *, pay: str = "") -> Response:
    """The encrypted answer to a merchant. `pay`: the PayID by which he knows the payment."""
    asked = form.fields
    told = asked.get("PayID")
    fields = {
        "mid": form.merchant.merchant_id,
        "PayID": pay or (told if len(told) == len(NO_PAYMENT) else NO_PAYMENT),
        "TransID": asked.get("TransID") or "na",
        **dict(more),
        "Status": result.status,
        "Description": result.text,
        "Code": str(result.code),
    }
    if user_data := asked.get("UserData"):
        fields["UserData"] = user_data
    return Response(seal(write(fields.items()), form.key).body(), media_type=_FORM)


def dressed(scope: Scope, error: ApiError) -> Response:
    """A refusal from in front of the routes, in the style of the page that it was meant for."""
    path = str(scope.get("path", "")).lower()
    if path.endswith(".aspx"):
        return early_failure(http_status=error.status)
    return error.response()
