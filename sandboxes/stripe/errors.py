"""Refusals: status, type, code, the parameter that is meant, and the object they are about."""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """An answer that is not the wanted object.

    `kept` says whether an idempotency key remembers it: what was refused before execution began is forgotten.
    `more` are further fields of the error, such as `payment_intent`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        kept: bool = False,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind
        self.kept = kept
        self.headers = headers or {}
        self.more = more

    def body(self) -> dict[str, Any]:
        """The body of the answer; what is not known is left out."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = DOCS + self.code.replace("_", "-")
        if self.param is not None:
            error["param"] = self.param
        error.update({key: value for key, value in self.more.items() if value is not None})
        return {"error": error}


def invalid(message: str, param: str | None = None, *, code: str | None = None, kept: bool = False) -> ApiError:
    """A request that is wrong in itself."""
    return ApiError(400, message, code=code, param=param, kept=kept)


def missing_object(kind: str, key: str, param: str, *, elsewhere: str = "") -> ApiError:
    """Nobody knows this id on this side of the account; `elsewhere` names the side that does."""
    hint = ""
    if elsewhere:
        used = "test" if elsewhere == "live" else "live"
        hint = f"; a similar object exists in {elsewhere} mode, but a {used} mode key was used to make this request."
    return ApiError(404, f"No such {kind}: '{key}'{hint}", code="resource_missing", param=param)
