"""A mail server that answers each command as a test says, for what the mailbox sandbox cannot be brought to do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRWPair

from tests.support.ports import free_port

USUAL = {
    "GREETING": "220 scripted",
    "EHLO": "250 scripted",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
}
HANG_UP = ""


class ScriptedServer:
    """Keeps the texts it received in `texts` and serves one connection after the other."""

    def __init__(self, changed: dict[str, str]) -> None:
        self.port = free_port()
        self.texts: list[bytes] = []
        self._script = {**USUAL, **changed}
        self._listener = socket.create_server(("127.0.0.1", self.port))

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                self._converse(lines)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _converse(self, lines: BufferedRWPair) -> None:
        try:
            if not self._answer(lines, "GREETING"):
                return
            for line in lines:
                command = line.split()[0].decode().upper() if line.split() else ""
                if not self._answer(lines, command) or command == "QUIT":
                    return
                if command == "DATA" and self._script["DATA"].startswith("354"):
                    self.texts.append(_until_dot(lines))
                    if not self._answer(lines, "."):
                        return
        except OSError:
            return

    def _answer(self, lines: BufferedRWPair, command: str) -> bool:
        answer = self._script.get(command, "250 ok")
        if answer == HANG_UP:
            return False
        lines.write(answer.encode() + b"\r\n")
        lines.flush()
        return True


@contextmanager
def scripted_server(**changed: str) -> Iterator[ScriptedServer]:
    """A running server; `TEXT` stands for the answer to the text itself."""
    if "TEXT" in changed:
        changed["."] = changed.pop("TEXT")
    server = ScriptedServer(changed)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


def _until_dot(lines: BufferedRWPair) -> bytes:
    text = b""
    for line in lines:
        if line == b".\r\n":
            break
        text += line
    return text
