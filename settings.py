"""Settings of every process of Holdfast: environment variables with the prefix `HOLDFAST_`."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.tenant_config import Pacing


class Profile(StrEnum):
    """Which set of time-outs and pauses is used, and whether simulated tenants are allowed."""

    PRODUCTION = "production"
    EMBEDDED = "embedded"  # `make up`: sandboxes and simulated tenants
    FAST = "fast"  # tests: short pauses, so that faults play out in seconds


class LogFormat(StrEnum):
    """How log events are written."""

    JSON = "json"
    CONSOLE = "console"


class Settings(BaseSettings):
    """What a process needs to know. Durations in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="HOLDFAST_", extra="ignore")

    database_url: str = "sqlite:///var/holdfast.db"
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    master_key: SecretStr = SecretStr("")
    profile: Profile = Profile.PRODUCTION
    starter_host: str = "127.0.0.1"
    starter_port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    unzer_live_url: str = "https://api.unzer.com"
    unzer_sandbox_url: str = "https://sbx-api.unzer.com"
    temporal_ui_url: str = "http://127.0.0.1:8233"
    log_format: LogFormat = LogFormat.JSON
    max_body_bytes: Annotated[int, Field(gt=0)] = 1_000_000
    max_batch_bytes: Annotated[int, Field(gt=0)] = 16_000_000
    batch_folder: str = ""
    callbacks_kept_days: Annotated[int, Field(gt=0)] = 90
    worker_concurrency: Annotated[int, Field(gt=0)] = 32

    @property
    def simulation_allowed(self) -> bool:
        """Simulated tenants move their own clock; production refuses them."""
        return self.profile is not Profile.PRODUCTION

    @property
    def callbacks_kept(self) -> timedelta:
        """How long a provider's deliveries are kept as they came."""
        return timedelta(days=self.callbacks_kept_days)

    @property
    def timing(self) -> "Timing":
        return _TIMINGS[self.profile]


class Timing:
    """The time-outs and pauses of one profile; `pacing` is what orders repeat by."""

    def __init__(
        self,
        *,
        http_connect: float,
        provider_read: float,
        erp_read: float,
        relay_merge: float,
        relay_pause: float,
        pacing: Pacing,
    ) -> None:
        self.http_connect = http_connect
        self.provider_read = provider_read
        self.erp_read = erp_read
        self.relay_merge = relay_merge
        self.relay_pause = relay_pause
        self.pacing = pacing


_NORMAL = Timing(http_connect=10, provider_read=60, erp_read=120, relay_merge=2.0, relay_pause=0.5, pacing=Pacing())
_TIMINGS = {
    Profile.PRODUCTION: _NORMAL,
    Profile.EMBEDDED: Timing(
        http_connect=5,
        provider_read=15,
        erp_read=30,
        relay_merge=0.2,
        relay_pause=0.1,
        pacing=Pacing(in_flight=timedelta(seconds=45)),
    ),
    Profile.FAST: Timing(
        http_connect=2,
        provider_read=2,
        erp_read=3,
        relay_merge=0.05,
        relay_pause=0.05,
        pacing=Pacing(
            in_flight=timedelta(seconds=4),
            first_pause=timedelta(seconds=1),
            longest_pause=timedelta(seconds=4),
            spread_after_quiet=timedelta(seconds=30),
            pending_look=timedelta(seconds=5),
        ),
    ),
}
