"""nbgrader's table of grades, with a column that says what was graded: no zero stands where nothing was."""

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.export import ExportPlugin

from .gradebook import read_result

_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "status"),
)


class TesseraExport(ExportPlugin):
    """The columns of nbgrader's own export, and `status`."""

    def export(self, gradebook: Gradebook) -> None:
        coursedir = self.parent.coursedir
        submitted = Path(coursedir.format_path(coursedir.submitted_directory, ".", "."))
        results = submitted.resolve().parent / "results"
        with open(self.to or "grades.csv", "w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, _COLUMNS)
            table.writeheader()
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    if self.assignment and assignment.name not in self.assignment:
                        continue
                    if self.student and student.id not in self.student:
                        continue
                    result = read_result(results / assignment.name / f"{student.id}.json")
                    table.writerow(_row(gradebook, assignment, student, result))


def _row(gradebook: Gradebook, assignment: Any, student: Any, result: dict[str, Any] | None) -> dict[str, Any]:
    row = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return {**row, "status": "not handed in"}
    row |= {"timestamp": submission.timestamp, "status": _status(submission, result)}
    if not row["status"].startswith("not graded"):
        penalty = submission.late_submission_penalty or 0.0
        row |= {
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
        }
    return row


def _status(submission: Any, result: dict[str, Any] | None) -> str:
    """What of it has points; a person may have given those that the program could not."""
    open_grades = sum(grade.needs_manual_grade for notebook in submission.notebooks for grade in notebook.grades)
    if not open_grades or result is None:
        return "graded" if not open_grades else f"{open_grades} tasks to grade"
    if result["status"]["kind"] == "not graded":
        return f"not graded: {result['status']['reason']}"
    missing = [
        f"{notebook['notebook']}: {notebook['status']['reason']}"
        for notebook in result["notebooks"]
        if notebook["status"]["kind"] == "not graded"
    ]
    if missing:
        return f"partly graded; {'; '.join(missing)}"
    return f"{open_grades} tasks to grade"
