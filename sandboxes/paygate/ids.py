"""Ids and references. They follow from an account's name and a counter, so equal runs give equal ids."""

import hashlib

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class Ids:
    """Hands out the ids of one account."""

    def __init__(self, seed: str, serial: int = 0) -> None:
        self._seed = seed
        self.serial = serial

    def _digest(self) -> bytes:
        self.serial += 1
        return hashlib.sha256(f"{self._seed}:{self.serial}".encode()).digest()

    def hex32(self) -> str:
        """A PayID or XID."""
        return self._digest().hex()[:32]

    def approval(self) -> str:
        """Six digits."""
        return f"{int.from_bytes(self._digest()[:8], 'big') % 10**6:06d}"

    def scheme_reference(self, brand: str, day: str) -> str:
        """What the card network calls an authorization; `day` is MMDD, which Mastercard's ends in."""
        digest = self._digest()
        if brand == "MasterCard":
            return "MC" + "".join(LETTERS[one % len(LETTERS)] for one in digest[:7]) + day
        return f"{int.from_bytes(digest[:8], 'big') % 10**15:015d}"
