"""Ids and reference numbers. They follow from an account's name and a counter, so equal runs give equal ids."""

import hashlib

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Ids:
    """Hands out the ids of one account."""

    def __init__(self, seed: str, serial: int = 0) -> None:
        self._seed = seed
        self.serial = serial

    def _digest(self) -> bytes:
        self.serial += 1
        return hashlib.sha256(f"{self._seed}:{self.serial}".encode()).digest()

    def random_part(self, length: int = 12) -> str:
        """Lower-case letters and digits, as in `s-crd-abcdefghijkl`."""
        number = int.from_bytes(self._digest(), "big")
        found = ""
        for _ in range(length):
            number, index = divmod(number, len(ALPHABET))
            found += ALPHABET[index]
        return found

    def trace(self) -> str:
        return self._digest().hex()[:32]

    def unique(self) -> str:
        return "31HA07BC81" + self._digest().hex()[:22].upper()

    def short(self) -> str:
        """Four-four-four digits, the number that support asks for."""
        number = f"{int.from_bytes(self._digest()[:8], 'big') % 10**12:012d}"
        return f"{number[:4]}.{number[4:8]}.{number[8:]}"
