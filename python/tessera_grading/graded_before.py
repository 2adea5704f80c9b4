"""What the program gave and read when it graded a task last. It is kept in the gradebook, so that it is written with
the points or not at all: however a grading ends, the next one knows what counts already."""

import hashlib
import json
from typing import Any, NamedTuple

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from sqlalchemy import text

_TABLE = "tessera_graded"


class Before(NamedTuple):
    """The bonus that was given, and the checksum of what was judged."""

    bonus: float
    digest: str


class GradedBefore:
    def __init__(self, gradebook: Gradebook) -> None:
        self._db = gradebook.db
        self._db.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {_TABLE} "
                "(grade VARCHAR(32) PRIMARY KEY, bonus FLOAT NOT NULL, digest VARCHAR(64) NOT NULL)"
            )
        )

    def of(self, grade: str) -> Before | None:
        """By the grade's name in the gradebook; None where an older version has graded it, or nobody."""
        found = self._db.execute(
            text(f"SELECT bonus, digest FROM {_TABLE} WHERE grade = :grade"), {"grade": grade}
        ).first()
        return Before(*found) if found else None

    def note(self, grade: str, now: Before) -> None:
        """For the next grading, once the gradebook's changes are committed."""
        self._db.execute(
            text(
                f"INSERT INTO {_TABLE} (grade, bonus, digest) VALUES (:grade, :bonus, :digest) "
                "ON CONFLICT (grade) DO UPDATE SET bonus = excluded.bonus, digest = excluded.digest"
            ),
            {"grade": grade, **now._asdict()},
        )


def digest_of_task(node: NotebookNode | None, task: dict[str, Any]) -> str:
    """Of what a person who gives points has looked at: an answer's text; the code before a check, and its points."""
    cells = node.cells if node else []

    def about(cell: NotebookNode) -> dict[str, Any]:
        return cell.metadata.get("nbgrader", {})

    if task["kind"] == "answer":
        judged = [cell.source.strip() for cell in cells if about(cell).get("grade_id") == task["id"]]
    else:
        judged = [cell.source for cell in cells if not about(cell) or about(cell).get("solution")]
        judged.append(task["points"])
    return hashlib.sha256(json.dumps(judged).encode()).hexdigest()
