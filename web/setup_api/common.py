"""What the routes of setting up share: who may, how bodies are read, and editing without lost updates."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, Security
from pydantic import BaseModel, SecretStr

from administration.refusals import Hint, Refused
from web.edge.bodies import body_of
from web.edge.errors import ApiError, ErrorBody
from web.shop_api.access import Caller, authenticated

SETUP = "setup"
Administrator = Annotated[Caller, Security(authenticated, scopes=[SETUP])]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=40,
        description="The version that the change was made from, as the header `ETag` told it; `*` for whatever stands.",
    ),
]
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorBody, "description": "It does not go together with what is saved."}
}
EDITED: dict[int | str, dict[str, Any]] = CONFLICT | {
    412: {"model": ErrorBody, "description": "Somebody else has changed it meanwhile."},
    428: {"model": ErrorBody, "description": "It exists: say with `If-Match` which version you have seen."},
}


def later(who: str) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that needs somebody outside."""
    return {503: {"model": ErrorBody, "description": f"{who} cannot be asked now."}}


def body_as(model: type[BaseModel]) -> Any:
    """The body of a request as a value of `model`, read once the caller is known."""

    async def read(request: Request, _caller: Administrator) -> BaseModel:
        return await body_of(request, model)

    return Depends(read)


class HintView(BaseModel):
    """Something to know; it stopped nothing."""

    code: str
    sentence: str


def hints_of(hints: tuple[Hint, ...]) -> list[HintView]:
    return [HintView(code=one.code, sentence=one.sentence) for one in hints]


@contextmanager
def first_put(if_match: str | None) -> Iterator[None]:
    """Who puts over something that exists without a version is told to give one."""
    try:
        yield
    except Refused as refusal:
        if if_match is None and refusal.code in ("connection_exists", "changed_meanwhile"):
            raise version_missing() from None
        raise


def expected_version(if_match: str | None, *, without: int | None) -> int | None:
    """The version in `If-Match`; `without` when there is no such header. None means any."""
    if if_match is None:
        return without
    text = if_match.strip().removeprefix("W/").strip('"')
    if text == "*":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ApiError(
            422,
            "bad_version",
            "The header If-Match does not name a version.",
            'Send back what the header ETag told, such as "3".',
        )
    return int(text)


def secret(given: SecretStr | None) -> str | None:
    """What was entered into a field that must not show."""
    return given.get_secret_value() if given is not None else None


def version_missing() -> ApiError:
    return ApiError(
        428,
        "version_missing",
        "It exists already, so this is a change, and it does not say of which version.",
        "Read it, look at what stands there, and send its ETag back as If-Match.",
    )


def tagged(response: Response, version: int) -> None:
    """Tell the version, for the next `If-Match`."""
    response.headers["ETag"] = f'"{version}"'
