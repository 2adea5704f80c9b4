"""Grades one submission: reads it, runs it, judges it. Nothing is written; `gradebook.py` does that."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from . import bubblewrap
from .arrange import Arranged, arrange
from .course import Course, CourseNotebook
from .intake import WEIGHTS, HandedIn, take_in
from .judge import judge, not_graded
from .limits import Limits
from .plan import Plan
from .results import NotebookResult, Warning, status
from .run import Runner

# Called with what is done now: the notebook, the cell and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass
class Graded:
    """A submission's result, and its notebooks as they ran; `node` is None where nothing could be run."""

    result: dict[str, Any]
    nodes: dict[str, NotebookNode] = field(default_factory=dict)


def digest_of(folder: Path) -> str:
    """Of all files that were handed in."""
    sha = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
            sha.update(json.dumps(str(path.relative_to(folder))).encode() + content)
    return sha.hexdigest()


def mode() -> str:
    quick = os.environ.get("TESSERA_QUICK", "").strip().lower() in ("1", "yes", "true", "on")
    return "quick" if quick else "full"


def sandbox() -> str:
    if bubblewrap.why_not() is None:
        return "bubblewrap"
    return "container" if os.environ.get("TESSERA_CONTAINER") else "none"


def grade(
    learner: str,
    folder: Path,
    course: Course,
    course_digest: str,
    limits: Limits,
    on_progress: Progress = lambda *_: None,
) -> Graded:
    """Grades what a learner has handed in, all of a unit's notebooks."""
    begun = datetime.now(timezone.utc)
    manifest = _manifest(folder)
    taken, warnings = take_in(folder, course)
    graded = Graded({})
    results = []
    for name, notebook in course.notebooks.items():
        try:
            result, node = _grade_notebook(notebook, taken.get(name), folder, course, limits, on_progress)
        except (OSError, MemoryError):  # this machine's, not the learner's: it is tried again
            raise
        except Exception as error:  # whatever a submission does to the program that grades: it is told of
            result, node = _not_gradable(notebook, f"it cannot be graded ({type(error).__name__}: {error})")
        results.append(result)
        graded.nodes[name] = node
    if sandbox() == "none":
        text = f"The notebooks ran with the rights of the person who grades: {bubblewrap.why_not()}."
        warnings.append(Warning("not sandboxed", text))
    reasons = [result.reason for result in results]
    whole = None if any(reason is None for reason in reasons) else "; ".join(dict.fromkeys(filter(None, reasons)))
    ended = datetime.now(timezone.utc)
    graded.result = {
        "format": 1,
        "unit": course.unit,
        "learner": learner,
        "group": manifest.get("group"),
        "status": status(whole),
        "notebooks": [result.as_json() for result in results],
        "warnings": [vars(each) for each in warnings],
        "hints": manifest.get("hints") if isinstance(manifest.get("hints"), dict) else {},
        "mode": mode(),
        "sandbox": sandbox(),
        "submittedAt": _submitted_at(folder, manifest),
        "gradedAt": ended.isoformat(timespec="seconds"),
        "submissionDigest": digest_of(folder),
        "courseDigest": course_digest,
        "seconds": round((ended - begun).total_seconds(), 2),
        "processorSeconds": round(sum(result.processorSeconds for result in results), 2),
        "peakBytes": max((result.peakBytes for result in results), default=0),
    }
    return graded


def _grade_notebook(
    notebook: CourseNotebook,
    handed_in: HandedIn | None,
    folder: Path,
    course: Course,
    limits: Limits,
    on_progress: Progress,
) -> tuple[NotebookResult, NotebookNode]:
    result = NotebookResult(notebook.name)
    if handed_in is None or handed_in.node is None:
        return _not_gradable(notebook, handed_in.reason if handed_in else "it was not handed in")
    if handed_in.file != f"{notebook.name}.ipynb":
        result.file = handed_in.file
    arranged = arrange(handed_in.node, notebook)
    plan = Plan(arranged, notebook)
    files = [*course.modules, *_weights(folder / handed_in.file)]
    runner = Runner(
        arranged.node,
        files,
        course.unit,
        limits,
        plan,
        on_cell=lambda index, count: on_progress(notebook.name, index, count),
    )
    run = runner.run()
    result.seconds, result.processorSeconds = round(run.seconds, 2), round(run.processor_s, 2)
    result.peakBytes = run.peak_bytes
    result.warnings = [*handed_in.warnings, *arranged.warnings]
    if run.reason:
        return _not_gradable(notebook, run.reason, result)
    result.tasks, warnings = judge(arranged, run, notebook.tasks, plan)
    result.warnings += [*plan.warnings, *warnings]
    return result, arranged.node


def _not_gradable(
    notebook: CourseNotebook, reason: str, result: NotebookResult | None = None
) -> tuple[NotebookResult, NotebookNode]:
    result = result or NotebookResult(notebook.name)
    result.reason = reason
    result.tasks = [not_graded(task, reason) for task in notebook.tasks]
    return result, _placeholder(notebook, reason)


def _weights(notebook: Path) -> list[Path]:
    return [path for name in WEIGHTS if (path := notebook.parent / name).is_file() and not path.is_symlink()]


def _placeholder(notebook: CourseNotebook, reason: str) -> NotebookNode:
    """What stands in place of a notebook that could not be run, so that it can be opened and given back."""
    arranged = arrange(nbformat.v4.new_notebook(), notebook)
    text = f"**This notebook was not graded: {reason}.** What follows are the tasks as they were handed out."
    arranged.node.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    return arranged.node


def _manifest(folder: Path) -> dict[str, Any]:
    """What the hand-in says of itself; a broken or missing one says nothing."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _submitted_at(folder: Path, manifest: dict[str, Any]) -> str | None:
    try:
        return (folder / "timestamp.txt").read_text().strip()
    except OSError:
        given = manifest.get("madeAt")
        return given if isinstance(given, str) else None
