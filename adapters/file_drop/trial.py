"""A test file on a file server, through settings that need not be saved yet."""

import asyncio

from adapters.file_drop.account import DropAccount
from adapters.file_drop.adapter import opened
from adapters.file_drop.session import DropTrouble
from domain.file_drop import DropVerdict

_CONTENT = b"This file was put here as a test and is removed at once.\r\n"


def try_drop(account: DropAccount, token: str) -> DropVerdict:
    """Write a small file, rename, read and delete it; `token` makes its name one that nobody has. Raises nothing that
    settings or a server can bring about. Called where no event loop runs."""
    return asyncio.run(_tried(account, token))


async def _tried(account: DropAccount, token: str) -> DropVerdict:
    working, final = account.path(f".holdfast-test-{token}.part"), account.path(f"holdfast-test-{token}.txt")
    try:
        async with opened(account) as session:
            await session.write(working, _CONTENT)
            await session.rename(working, final)
            same = await session.read(final, len(_CONTENT)) == _CONTENT
            await session.remove(final)
    except DropTrouble as trouble:
        return trouble.verdict
    return DropVerdict.WORKS if same else DropVerdict.BROKEN
