"""What grading finds out about a submission, as `marking/result.ts` describes it: the same fields."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tessera_export.files import write_whole

WarningKind = Literal[
    "repaired",
    "cell added",
    "cell changed",
    "cell missing",
    "other weights",
    "tampering",
    "limit",
    "not sandboxed",
    "other",
]


@dataclass
class Warning:
    kind: WarningKind
    text: str
    cell: int | None = None
    source: str | None = None


@dataclass
class TaskResult:
    id: str
    kind: Literal["check", "answer"]
    outcome: Literal["passed", "failed", "not run", "empty", "to read", "not graded"]
    points: float | None
    maximum: float
    bonusMaximum: float = 0
    bonus: float | None = 0
    message: str | None = None
    seconds: float | None = None


@dataclass
class NotebookResult:
    notebook: str
    file: str | None = None
    reason: str | None = None  # why it was not graded
    tasks: list[TaskResult] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    seconds: float = 0
    processorSeconds: float = 0
    peakBytes: int = 0

    def as_json(self) -> dict[str, Any]:
        fields = asdict(self)
        fields["status"] = status(fields.pop("reason"))
        return fields


def status(reason: str | None) -> dict[str, str]:
    return {"kind": "not graded", "reason": reason} if reason else {"kind": "graded"}


def without_none(value: Any) -> Any:
    """Fields that are not set are left out; points stay, which are null where they are not known."""
    if isinstance(value, list):
        return [without_none(each) for each in value]
    if isinstance(value, dict):
        return {
            name: without_none(each)
            for name, each in value.items()
            if each is not None or name in ("points", "bonus")
        }
    return value


def write_json(path: Path, value: Any) -> None:
    """Writes a file in whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(without_none(value), indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text.encode())
