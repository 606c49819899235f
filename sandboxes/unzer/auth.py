"""Who is calling: Basic with a key as user name, or a bearer token made from a private key."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.server import Server
from sandboxes.unzer.settings import KeyPair

TOKEN_SECONDS = 420


@dataclass(frozen=True)
class Caller:
    """The account of a request, its key pair, and whether only the public key was shown."""

    account: UnzerAccount
    pair: KeyPair
    public: bool


def identify(server: Server, authorization: str, *, unknown: str = "API.710.000.002") -> Caller:
    """The caller behind an `Authorization` header. Raises ApiError with `unknown` for a key nobody has."""
    scheme, _, value = authorization.strip().partition(" ")
    if not value:
        raise ApiError("API.000.000.001")
    if scheme.lower() == "bearer":
        return _by_token(server, value.strip(), unknown)
    if scheme.lower() != "basic":
        raise ApiError("API.000.000.001")
    try:
        key = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError("API.000.000.001") from error
    if not key:
        raise ApiError("API.000.000.001")
    owner = server.by_key(key)
    if owner is None:
        raise ApiError(unknown, status=401)
    return Caller(owner[0], owner[1], public=key == owner[1].public_key)


def make_token(account: UnzerAccount, pair: KeyPair) -> str:
    """A token that lasts seven minutes by the account's clock."""
    issued = int(account.clock.now().timestamp())
    claims = {"iss": "unzer-sandbox", "sub": pair.public_key, "iat": issued, "exp": issued + TOKEN_SECONDS}
    signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{signed}.{_sign(pair, signed)}"


def _by_token(server: Server, token: str, unknown: str) -> Caller:
    signed, _, signature = token.rpartition(".")
    try:
        payload = signed.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        owner = server.by_key(str(claims["sub"]))
        expires = int(claims["exp"])
    except (ValueError, KeyError, TypeError) as error:
        raise ApiError(unknown, "the token cannot be read", status=401) from error
    if owner is None or not hmac.compare_digest(_sign(owner[1], signed), signature):
        raise ApiError(unknown, "the token is not valid", status=401)
    if owner[0].clock.now().timestamp() >= expires:
        raise ApiError(unknown, "the token has expired", status=401)
    return Caller(owner[0], owner[1], public=False)


def _encode(data: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def _sign(pair: KeyPair, signed: str) -> str:
    secret = hashlib.sha256(pair.private_key.encode()).digest()
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
