"""How one file server is reached."""

from dataclasses import dataclass, field

from domain.file_drop import DropLogin, DropProtocol

CONNECT_SECONDS = 20.0
REQUEST_SECONDS = 60.0


@dataclass(frozen=True)
class DropAccount:
    """Address and credentials of a drop. `secret` is a password or, by `login`, a private key. Seconds: until a server
    must have let us in, and how long one request, or one block of a file, may take."""

    protocol: DropProtocol
    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    login: DropLogin = DropLogin.PASSWORD
    folder: str = ""
    host_key: str = ""
    connect_seconds: float = CONNECT_SECONDS
    request_seconds: float = REQUEST_SECONDS

    def path(self, name: str) -> str:
        """A file of the drop as the server wants it named."""
        return f"{self.folder.rstrip('/')}/{name}" if self.folder else name
