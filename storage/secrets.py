"""Secrets at rest: AES-GCM under a master key that never enters the database.

Several master keys may be given: the first seals, every one of them opens, so keys can be changed without a stop. A
value is bound to its reference; moved to another one it does not open.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from domain.errors import Misconfigured
from domain.parties import Sealed
from storage.database import Database
from storage.tables import secrets
from storage.writing import put

KEY_BYTES = 32
_NONCE_BYTES = 12


def parse_master_keys(text: str) -> tuple[bytes, ...]:
    """Keys from a setting: base64 of 32 bytes each, separated by commas, the newest first."""
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(",") if part.strip())
    except ValueError:  # no base64, or not even ASCII
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise Misconfigured("the master key must be base64 of 32 random bytes; several are separated by commas")
    return keys


def new_master_key() -> str:
    """A fresh master key as the setting wants it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


class SecretBox:
    """Secrets by reference. `master_keys`: the newest first."""

    def __init__(self, db: Database, master_keys: Sequence[bytes]) -> None:
        if not master_keys:
            raise Misconfigured("without a master key no secret can be kept: set one")
        self._db = db
        self._keys = {_key_id(key): AESGCM(key) for key in master_keys}
        self._newest = _key_id(master_keys[0])

    def put(self, ref: str, value: str) -> None:
        """Keep a value under a reference, in place of an earlier one."""
        with self._db.write() as connection:
            put(connection, secrets, asdict(self.seal(ref, value)))

    def seal(self, ref: str, value: str) -> Sealed:
        """The value as it is kept under a reference, for those who store it together with something else."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[self._newest].encrypt(nonce, value.encode(), ref.encode())
        return Sealed(ref, self._newest, nonce, sealed)

    def get(self, ref: str) -> str:
        """The value of a reference. Raises `Misconfigured` when there is none or it cannot be opened."""
        with self._db.read() as connection:
            row = connection.execute(select(secrets).where(secrets.c.ref == ref)).one_or_none()
        if row is None:
            raise Misconfigured(f"the secret {ref} is missing: enter it again")
        return self._opened(row)

    def delete(self, ref: str) -> None:
        """Forget a value; nothing happens when there is none."""
        with self._db.write() as connection:
            connection.execute(secrets.delete().where(secrets.c.ref == ref))

    def rotate(self) -> int:
        """Seal everything under the newest key; returns how many values were sealed anew."""
        with self._db.write() as connection:
            old = connection.execute(select(secrets).where(secrets.c.key_id != self._newest).with_for_update()).all()
            for row in old:
                put(connection, secrets, asdict(self.seal(row.ref, self._opened(row))))
        return len(old)

    def _opened(self, row: Any) -> str:
        key = self._keys.get(row.key_id)
        if key is None:
            raise Misconfigured(f"the secret {row.ref} was sealed with a master key that is not set: add that key")
        try:
            return key.decrypt(row.nonce, row.sealed, row.ref.encode()).decode()
        except InvalidTag:
            raise Misconfigured(f"the secret {row.ref} was changed in the database: enter it again") from None


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"holdfast key " + key).hexdigest()[:12]
