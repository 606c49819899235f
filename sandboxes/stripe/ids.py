"""Ids with the prefix of their kind. They follow from a seed and a counter, so equal runs give equal ids."""

import hashlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def spelled(digest: bytes, length: int) -> str:
    """`length` letters and digits that follow from `digest` (32 bytes are enough for 40)."""
    number = int.from_bytes(digest, "big")
    found = ""
    for _ in range(length):
        number, index = divmod(number, len(ALPHABET))
        found += ALPHABET[index]
    return found


def derived(text: str, length: int) -> str:
    """Letters and digits that are the same for the same text."""
    return spelled(hashlib.sha256(text.encode()).digest(), length)


class Ids:
    """Hands out the ids of one side of an account."""

    def __init__(self, seed: str, serial: int = 0) -> None:
        self.seed = seed
        self.serial = serial

    def new(self, prefix: str, length: int = 24) -> str:
        """`prefix` and a part that nobody got before, for example `pi_` and 24 characters."""
        self.serial += 1
        return f"{prefix}_{derived(f'{self.seed}:{self.serial}', length)}"
