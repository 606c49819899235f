"""The processes of the embedded start, and where each listens and keeps its state. Everything is on loopback."""

import sys
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from settings import Settings
from simulation.server import server_command

LOOPBACK = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """Ports on loopback and the folder of all state. One folder is one Holdfast."""

    folder: Path = Path("var")
    temporal: int = 7233
    temporal_ui: int = 8233
    starter: int = 8080
    pixi: int = 8701
    unzer: int = 8702
    mailbox: int = 8703
    smtp: int = 8725
    stripe: int = 8704
    paygate: int = 8705
    fileserver: int = 8706
    sftp: int = 8722
    ftp: int = 8721

    @property
    def ports(self) -> dict[str, int]:
        """Every port that has to be free, by what listens there."""
        return {
            "Temporal": self.temporal,
            "the Temporal UI": self.temporal_ui,
            "the starter": self.starter,
            "the pixi sandbox": self.pixi,
            "the unzer sandbox": self.unzer,
            "the mailbox": self.mailbox,
            "the mailbox (SMTP)": self.smtp,
            "the Stripe sandbox": self.stripe,
            "the Paygate sandbox": self.paygate,
            "the file server": self.fileserver,
            "the file server (SFTP)": self.sftp,
            "the file server (FTP)": self.ftp,
        }

    def url(self, port: int) -> str:
        return f"http://{LOOPBACK}:{port}"


LISTENERS = tuple(one.name for one in fields(Places) if one.name != "folder")


@dataclass(frozen=True)
class ProcessSpec:
    """One process: its name, what is started, and what it finds in its environment. `health` answers when it is up."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict, repr=False)
    health: str = ""


def embedded_processes(settings: Settings, places: Places | None = None) -> list[ProcessSpec]:
    """What `holdfast up` starts, in this order. The sandboxes know nothing of Holdfast and get no settings."""
    at = places or Places()
    env = settings_environment(settings)
    return [
        ProcessSpec(
            "temporal",
            server_command(
                port=at.temporal,
                ui_port=at.temporal_ui,
                db_file=at.folder / "temporal.db",
                headless=False,
                log_level="error",
            ),
        ),
        _sandbox("pixi", at, at.pixi),
        _sandbox("unzer", at, at.unzer),
        _sandbox("mailbox", at, at.mailbox, "--smtp-port", str(at.smtp)),
        _sandbox("stripe", at, at.stripe),
        _sandbox("paygate", at, at.paygate),
        _sandbox("fileserver", at, at.fileserver, "--sftp-port", str(at.sftp), "--ftp-port", str(at.ftp)),
        ProcessSpec("worker", [sys.executable, str(ROOT / "worker.py")], env),
        ProcessSpec("starter", [sys.executable, str(ROOT / "starter.py")], env, health=f"{at.url(at.starter)}/health"),
    ]


def in_memory(spec: ProcessSpec) -> ProcessSpec:
    """The same stand-in without a file: it writes its whole account at each change, which costs time."""
    if "--state" not in spec.argv:
        return spec
    at = spec.argv.index("--state")
    return replace(spec, argv=[*spec.argv[:at], *spec.argv[at + 2 :]])


def _sandbox(name: str, at: Places, port: int, *further: str) -> ProcessSpec:
    argv = [sys.executable, "-m", f"sandboxes.{name}", "--host", LOOPBACK, "--port", str(port)]
    argv += [*further, "--state", str(at.folder / f"{name}.db")]
    return ProcessSpec(name, argv, health=f"{at.url(port)}/control/health")


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a process; secrets are in it, so it is never shown."""
    values = settings.model_dump(mode="json")
    values["master_key"] = settings.master_key.get_secret_value()
    return {f"HOLDFAST_{name.upper()}": str(value) for name, value in values.items()}
