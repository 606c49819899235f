"""Saved histories: where they lie, how they are written without anything of the machine, and how they are read."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent / "histories"
BASELINE = Path(__file__).parent / "commands.json"

# fields whose content says something about the machine and nothing about the workflow
_SCRUBBED = {"identity": "worker", "lastWorkerIdentity": "worker", "stackTrace": ""}
# what no replay looks at
_DROPPED = frozenset({"taskId", "requestId", "workerVersion", "meteringMetadata", "historySizeBytes"})


@dataclass(frozen=True)
class Saved:
    """One saved run of a workflow."""

    kind: str
    name: str
    workflow_id: str
    events: list[dict[str, Any]]

    @property
    def title(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def history(self) -> WorkflowHistory:
        return WorkflowHistory.from_json(self.workflow_id, {"events": self.events})

    def attributes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each event's type, without its prefix, and its attributes."""
        for event in self.events:
            found: dict[str, Any] = next((one for key, one in event.items() if key.endswith("EventAttributes")), {})
            yield event["eventType"].removeprefix("EVENT_TYPE_"), found

    def text(self) -> str:
        """Everything that stands in it, with its payloads in clear."""
        return json.dumps(_decoded(self.events), ensure_ascii=False)


def files() -> list[Path]:
    """All files; the older ones are as they were written, later ones are packed."""
    return sorted(FOLDER.glob("*/*.json")) + sorted(FOLDER.glob("*/*.json.gz"))


def saved() -> list[Saved]:
    """All saved histories, by kind and name."""
    found = []
    for path in files():
        raw = path.read_bytes()
        content = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
        found.append(Saved(path.parent.name, path.name.partition(".")[0], content["workflow_id"], content["events"]))
    return found


def place_of(kind: str, name: str) -> Path:
    """Where a history lies, or would."""
    plain = FOLDER / kind / f"{name}.json"
    return plain if plain.exists() else FOLDER / kind / f"{name}.json.gz"


def write(kind: str, name: str, workflow_id: str, history_json: str) -> Path:
    """Save a history, scrubbed, one event per line, packed."""
    events = [json.dumps(_scrubbed(event), separators=(",", ":")) for event in json.loads(history_json)["events"]]
    path = place_of(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(events)
    text = f'{{"workflow_id":{json.dumps(workflow_id)},"events":[\n{lines}\n]}}\n'
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def _scrubbed(value: Any) -> Any:
    match value:
        case dict():
            kept = {key: one for key, one in value.items() if key not in _DROPPED}
            cleaned = {key: _SCRUBBED.get(key, _scrubbed(one)) for key, one in kept.items()}
            if cleaned.get("kind") == "TASK_QUEUE_KIND_STICKY":
                cleaned["name"] = "sticky"
            return cleaned
        case list():
            return [_scrubbed(one) for one in value]
        case _:
            return value


def _decoded(value: Any) -> Any:
    match value:
        case {"data": str() as data, "metadata": dict()}:
            return base64.b64decode(data).decode("utf-8", "replace")
        case dict():
            return {key: _decoded(one) for key, one in value.items()}
        case list():
            return [_decoded(one) for one in value]
        case _:
            return value


# -- commands

_COMMANDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "ACTIVITY_TASK_SCHEDULED": lambda found: f"activity {found['activityType']['name']}",
    "ACTIVITY_TASK_CANCEL_REQUESTED": lambda _: "cancel activity",
    "TIMER_STARTED": lambda _: "start timer",
    "TIMER_CANCELED": lambda _: "cancel timer",
    "MARKER_RECORDED": lambda found: f"marker {found['markerName']}",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": lambda _: "upsert search attributes",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": lambda _: "answer update",
    "WORKFLOW_EXECUTION_COMPLETED": lambda _: "complete",
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": lambda _: "continue as new",
    "WORKFLOW_EXECUTION_FAILED": lambda _: "fail",
    "WORKFLOW_EXECUTION_CANCELED": lambda _: "cancel",
}


def commands(one: Saved) -> list[str]:
    """What the workflow told the server to do, in order."""
    return [_COMMANDS[kind](found) for kind, found in one.attributes() if kind in _COMMANDS]


def of_history(kind: str, name: str, history: WorkflowHistory) -> Saved:
    """A history that was just fetched, as if it were saved."""
    return Saved(kind, name, history.workflow_id, json.loads(history.to_json())["events"])
