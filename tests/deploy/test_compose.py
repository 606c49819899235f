"""docker-compose.yml describes what the embedded start runs: valid, ordered, with the same commands and settings.

No container runs here. Where Debian's docker-compose (1.29) is installed it judges the file itself.
"""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
SANDBOXES = ("pixi", "unzer", "mailbox", "stripe", "paygate", "fileserver")
OURS = ("migrate", "worker", "starter", *SANDBOXES)
# processes that both ways of starting have under the same name
SHARED = ("worker", "starter", *SANDBOXES)
PREFIX = "HOLDFAST_"
# what the embedded start decides for itself and a container is told by its command or its network
EMBEDDED_ONLY: set[str] = set()


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services as written, anchors resolved, variables not."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def required_variables() -> set[str]:
    """The variables without which docker-compose refuses to start."""
    return set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text(encoding="utf-8")))


def settings_of(service: dict[str, Any]) -> set[str]:
    return {name for name in service.get("environment", {}) if name.startswith(PREFIX)}


def command_shape(command: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """What is started, and the names of its options: `python -m x --port 1` is ((python, -m, x), {--port}).

    Interpreter and script are named without their folder: each machine has its own.
    """
    program = "python" if Path(command[0]).name.startswith("python") else Path(command[0]).name
    words = [str(word) for word in command[1:]]
    first = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    what = [Path(word).name if word.endswith(".py") else word for word in words[:first]]
    options = {word.partition("=")[0] for word in words[first:] if word.startswith("--")}
    return (program, *what), frozenset(options)


def embedded() -> dict[str, Any]:
    """The processes of `holdfast up`, by name."""
    from cli.processes import embedded_processes
    from settings import Settings

    return {spec.name: spec for spec in embedded_processes(Settings())}


def test_docker_compose_accepts_the_file() -> None:
    """Debian's docker-compose reads the file, with the profile and without."""
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("docker-compose is not installed")
    environment = {**os.environ, **dict.fromkeys(required_variables(), "x1")}
    for profile in ([], ["--profile", "sandboxes"]):
        answer = subprocess.run(
            [command, "--file", str(COMPOSE), *profile, "config", "--quiet"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert answer.returncode == 0, answer.stderr
        assert "WARNING" not in answer.stderr


@pytest.mark.parametrize("variable", sorted(required_variables()))
def test_a_missing_secret_is_named_with_what_to_do(variable: str) -> None:
    """docker-compose refuses to start without a secret, and says which one."""
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("docker-compose is not installed")
    environment = {**os.environ, **dict.fromkeys(required_variables() - {variable}, "x1")}
    environment.pop(variable, None)
    answer = subprocess.run(
        [command, "--file", str(COMPOSE), "config", "--quiet"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode != 0
    assert "set it in .env" in answer.stderr


def test_the_example_names_exactly_the_variables_that_are_needed() -> None:
    """Who fills in deploy/env.example has everything, and no value is delivered with it."""
    lines = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in entries} == required_variables()
    assert [line for line in entries if line.partition("=")[2]] == []


def test_no_secret_stands_in_the_file(services: dict[str, dict[str, Any]]) -> None:
    """Passwords and keys come from outside."""
    secrets = [
        (name, key)
        for name, service in services.items()
        for key, value in service.get("environment", {}).items()
        if re.search(r"PASSWORD|PWD|_KEY|DATABASE_URL", key) and "${" not in str(value)
    ]
    assert secrets == []


def test_every_image_is_pinned(services: dict[str, dict[str, Any]]) -> None:
    """A version of three numbers each; the tools that prepare the database are those of the server."""
    images = {name: service["image"] for name, service in services.items()}
    assert [image for image in images.values() if not re.search(r":\d+\.\d+(\.\d+)?(-[a-z]+)?$", image)] == []
    versions = {images[name].partition(":")[2] for name in ("temporal", "temporal-schema", "temporal-namespace")}
    assert len(versions) == 1


def test_the_parts_start_in_order(services: dict[str, dict[str, Any]]) -> None:
    """Database, schema, server, namespace; worker and starter last, after the migration."""

    def waits_for(name: str) -> dict[str, str]:
        return {on: rule["condition"] for on, rule in services[name].get("depends_on", {}).items()}

    done, healthy = "service_completed_successfully", "service_healthy"
    assert waits_for("temporal-schema") == {"postgres": healthy}
    assert waits_for("temporal") == {"postgres": healthy, "temporal-schema": done}
    assert waits_for("temporal-namespace") == {"temporal": healthy}
    assert waits_for("temporal-ui") == {"temporal": healthy}
    assert waits_for("migrate") == {"postgres": healthy}
    assert waits_for("worker") == waits_for("starter") == {"migrate": done, "temporal-namespace": done}
    for name in ("postgres", "temporal", "starter"):
        assert "healthcheck" in services[name], name


def test_only_loopback_ports_are_published(services: dict[str, dict[str, Any]]) -> None:
    """The Temporal frontend is not reachable from outside, and nothing is on a public address."""
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert [port for ports in published.values() for port in ports if not str(port).startswith("127.0.0.1:")] == []
    assert not {"temporal", "postgres"} & set(published)


def test_the_sandboxes_are_a_profile_of_their_own(services: dict[str, dict[str, Any]]) -> None:
    """Production starts no stand-in, and no stand-in is given a secret."""
    assert {name for name, service in services.items() if service.get("profiles")} == set(SANDBOXES)
    for name in SANDBOXES:
        assert services[name]["profiles"] == ["sandboxes"]
        assert settings_of(services[name]) == set()


def test_one_image_serves_every_process_of_ours(services: dict[str, dict[str, Any]]) -> None:
    """Worker, starter, migration and sandboxes are one image with the project's version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {services[name]["image"] for name in OURS} == {f"holdfast:{version}"}


@pytest.mark.parametrize("name", SHARED)
def test_the_commands_are_those_of_the_embedded_start(name: str, services: dict[str, dict[str, Any]]) -> None:
    """The same module is started with the same options; only their values differ."""
    assert command_shape(services[name]["command"]) == command_shape(embedded()[name].argv)


def test_both_starts_have_the_same_processes(services: dict[str, dict[str, Any]]) -> None:
    """No process of ours is forgotten in production: beside the shared ones only the Temporal server is embedded."""
    assert set(embedded()) - {"temporal"} == set(SHARED)
    assert set(services) >= set(SHARED)


def test_the_settings_are_those_of_settings_py(services: dict[str, dict[str, Any]]) -> None:
    """Every setting can be given to a container, and none is given that nobody reads."""
    from settings import Settings

    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    for name in ("migrate", "worker", "starter"):
        assert settings_of(services[name]) == known - EMBEDDED_ONLY, name


@pytest.mark.parametrize("name", ["worker", "starter"])
def test_the_setting_names_are_those_of_the_embedded_start(name: str, services: dict[str, dict[str, Any]]) -> None:
    """What the embedded start tells a process is told to its container too."""
    told = {key for key in embedded()[name].env if key.startswith(PREFIX)}
    assert told - EMBEDDED_ONLY <= settings_of(services[name])


def test_the_health_check_asks_the_port_of_the_starter(services: dict[str, dict[str, Any]]) -> None:
    """The container's check asks the port that the starter is told to listen on."""
    port = services["starter"]["environment"]["HOLDFAST_STARTER_PORT"]
    assert f"127.0.0.1:{port}/health" in services["starter"]["healthcheck"]["test"][-1]
    assert services["starter"]["ports"] == [f"127.0.0.1:{port}:{port}"]


@pytest.mark.parametrize(
    ("command", "shape"),
    [
        (["python", "worker.py"], (("python", "worker.py"), frozenset())),
        (["/somewhere/bin/python3.11", "/elsewhere/worker.py"], (("python", "worker.py"), frozenset())),
        (
            ["python", "-m", "sandboxes.pixi", "--host", "0.0.0.0", "--port=1"],
            (("python", "-m", "sandboxes.pixi"), frozenset({"--host", "--port"})),
        ),
    ],
)
def test_commands_are_compared_without_folders_and_values(
    command: list[str], shape: tuple[tuple[str, ...], frozenset[str]]
) -> None:
    """The comparison itself."""
    assert command_shape(command) == shape
