"""What a test or demo may set on an account, and which connections are cut before anybody has logged in."""

import hashlib
from typing import Annotated, Literal

import asyncssh
from pydantic import BaseModel, ConfigDict, Field, field_validator

Protocol = Literal["sftp", "ftp"]
NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"


class AccountSettings(BaseModel):
    """Body of `PUT /control/accounts/{a}`; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    user: Annotated[str, Field(pattern=NAME)] | None = None  # the account's name when left out
    password: str | None = None  # derived from the name when left out; "" lets no password in
    public_keys: list[str] = Field(default_factory=list)  # lines as in `authorized_keys`, for SFTP
    protocols: list[Protocol] = ["sftp", "ftp"]
    folders: list[Annotated[str, Field(pattern=r"^[^/].*$")]] = Field(default_factory=list)  # made in the home folder
    reset: bool = False  # forget files, history and effects

    @field_validator("public_keys")
    @classmethod
    def _readable(cls, keys: list[str]) -> list[str]:
        for key in keys:
            try:
                asyncssh.import_public_key(key)
            except asyncssh.KeyImportError as error:
                raise ValueError(f"not a public key: {error}") from error
        return keys

    def of(self, name: str) -> "AccountSettings":
        """The settings of the account `name` with everything filled in that follows from it."""
        password = hashlib.sha256(name.encode()).hexdigest()[:16] if self.password is None else self.password
        return self.model_copy(update={"user": self.user or name, "password": password, "reset": False})

    def lets_in(self, key: asyncssh.SSHKey) -> bool:
        """Whether a public key is one of the account's."""
        return any(asyncssh.import_public_key(one).public_data == key.public_data for one in self.public_keys)


class Refusals(BaseModel):
    """How many of the next connections are cut at once, per protocol; -1 = all until set again."""

    model_config = ConfigDict(extra="forbid")

    sftp: Annotated[int, Field(ge=-1)] = 0
    ftp: Annotated[int, Field(ge=-1)] = 0

    def take(self, protocol: Protocol) -> bool:
        """Whether the connection that just came in is cut."""
        left = self.sftp if protocol == "sftp" else self.ftp
        if left > 0:
            setattr(self, protocol, left - 1)
        return left != 0
