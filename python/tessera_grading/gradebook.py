"""Writes graded submissions into nbgrader's gradebook and folders, as its own `autograde` lays them out."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput
from nbgrader.utils import find_all_files
from sqlalchemy import event
from sqlalchemy.engine import Engine
from traitlets.config import Config

from .course import Course
from .graded_before import Before, GradedBefore, digest_of_task
from .results import write_json
from .submission import Graded


@event.listens_for(Engine, "connect")
def _wait_for_others(connection: Any, _record: Any) -> None:
    """Several graders write into one SQLite file: each waits for the others."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA busy_timeout = 60000")


class Book:
    """The gradebook of a course and the folders beside it."""

    def __init__(self, coursedir: CourseDirectory, config: Config) -> None:
        self.coursedir, self.config = coursedir, config
        self.folder = Path(coursedir.format_path(coursedir.submitted_directory, ".", ".")).resolve().parent
        self.root = Path(coursedir.root)

    def path(self, directory: str, learner: str, unit: str) -> Path:
        return Path(self.coursedir.format_path(directory, learner, unit))

    def result_file(self, learner: str, unit: str) -> Path:
        return self.folder / "results" / unit / f"{learner}.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """For one writer at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / ".gradebook.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def open(self) -> Iterator[Gradebook]:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            yield gradebook

    def register(self, unit: str) -> Course:
        """Lets the gradebook know a unit's tasks, as `generate_assignment` does; the learners' notebooks that it
        makes lie in `grading/course`."""
        released = self.folder / "course"
        source = self._source()
        with self.lock():
            course = Course(unit, source, released)
            digest_file = released / unit / ".digest"
            digest = course.digest(source / unit)
            if not self._knows(unit) or not digest_file.exists() or digest_file.read_text() != digest:
                self._generate(unit, released)
                digest_file.write_text(digest)
        course = Course(unit, source, released)
        for notebook in course.notebooks.values():
            made = nbformat.read(released / unit / f"{notebook.name}.ipynb", as_version=4)
            # Names, points and checksums as nbgrader wrote them.
            known = {cell.id: cell.metadata.get("nbgrader") for cell in made.cells}
            for cell in notebook.cells:
                if known.get(cell.id):
                    cell.node.metadata["nbgrader"] = known[cell.id]
        return course

    def _knows(self, unit: str) -> bool:
        with self.open() as gradebook:
            try:
                return len(gradebook.find_assignment(unit).notebooks) > 0
            except MissingEntry:
                return False

    def _generate(self, unit: str, released: Path) -> None:
        config = Config(self.config)
        config.CourseDirectory.assignment_id = unit
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.release_directory = str(released)
        config.CourseDirectory.db_url = self.coursedir.db_url
        shutil.rmtree(released / unit, ignore_errors=True)
        directory = CourseDirectory(config=config)
        GenerateAssignment(coursedir=directory, config=config, force=True).start()
        with self.open() as gradebook:
            self._take_bonus_out(gradebook, unit)

    def _take_bonus_out(self, gradebook: Gradebook, unit: str) -> None:
        """Bonus tasks add nothing to a unit's maximum: their points are extra credit."""
        course = Course(unit, self._source(), self.folder / "course")
        for name, notebook in course.notebooks.items():
            for task in notebook.tasks:
                if task.is_bonus:
                    gradebook.find_graded_cell(task.grade_id, name, unit).max_score = 0
        gradebook.db.commit()

    def _source(self) -> Path:
        source = Path(self.coursedir.source_directory)
        return source if source.is_absolute() else self.root / source

    def save(self, graded: Graded, course: Course) -> None:
        """Writes a submission's points, its notebooks as they ran, and its result."""
        unit, learner = graded.result["unit"], graded.result["learner"]
        with self.lock():
            self._write_notebooks(graded, course, learner, unit)
            self._write_points(graded, course, learner, unit)
            write_json(self.result_file(learner, unit), graded.result)

    def hold(self, graded: Graded) -> None:
        """Keeps a submission's outcome where it does not count yet."""
        folder = self._held_folder(graded.result["learner"], graded.result["unit"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, node in graded.nodes.items():
            nbformat.write(node, folder / f"{name}.ipynb")
        write_json(folder / "result.json", graded.result)

    def held(self, learner: str, unit: str) -> Graded:
        """What was kept; raises FileNotFoundError where nothing was."""
        folder = self._held_folder(learner, unit)
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        nodes = {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
        return Graded(result, nodes)

    def drop(self, learner: str, unit: str) -> None:
        shutil.rmtree(self._held_folder(learner, unit), ignore_errors=True)

    def _held_folder(self, learner: str, unit: str) -> Path:
        return self.folder / "regraded" / unit / learner

    def _write_notebooks(self, graded: Graded, course: Course, learner: str, unit: str) -> None:
        submitted = self.path(self.coursedir.submitted_directory, learner, unit)
        folder = self.path(self.coursedir.autograded_directory, learner, unit)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # Modules are the course's alone.
        left_out = [*self.coursedir.ignore, "*.ipynb", "*.ts", "*.js", "*.mjs", "*.tsx", "*.jsx"]
        for path in map(Path, find_all_files(str(submitted), left_out)):
            if path.is_file() and not path.is_symlink():
                target = folder / path.relative_to(submitted)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
        for module in course.modules:
            shutil.copy(module, folder / module.name)
        exporter = NotebookExporter(config=self.config)
        limit = LimitOutput(parent=exporter)
        for name, node in graded.nodes.items():
            limit.preprocess(node, {})
            nbformat.write(node, folder / f"{name}.ipynb")

    def _write_points(self, graded: Graded, course: Course, learner: str, unit: str) -> None:
        submitted = self.path(self.coursedir.submitted_directory, learner, unit)
        timestamp = self.coursedir.get_existing_timestamp(str(submitted))
        of_older_version = self._bonus_before(learner, unit)
        with self.open() as gradebook:
            graded_before = GradedBefore(gradebook)
            gradebook.update_or_create_student(learner)
            extra = {"timestamp": timestamp} if timestamp else {}
            gradebook.update_or_create_submission(unit, learner, **extra)
            for result in graded.result["notebooks"]:
                name = result["notebook"]
                solutions = course.notebooks[name].by_grade_id
                for task in result["tasks"]:
                    grade = gradebook.find_grade(solutions_id(course, name, task["id"]), name, unit, learner)
                    before = graded_before.of(grade.id)
                    now = Before(task["bonus"] or 0, digest_of_task(graded.nodes.get(name), task))
                    grade.auto_score = task["points"]
                    if grade.manual_score is None:
                        grade.needs_manual_grade = task["points"] is None
                    elif before is None or before.digest != now.digest:
                        # What a person has given stays, and a person is asked to look at what has changed.
                        grade.needs_manual_grade = True
                    bonus = now.bonus - (before.bonus if before else of_older_version.get((name, task["id"]), 0))
                    if bonus:
                        grade.extra_credit = (grade.extra_credit or 0) + bonus or None
                    graded_before.note(grade.id, now)
                for cell in solutions.values():
                    if cell.is_solution:
                        self._comment(gradebook, graded, cell.grade_id, result, unit, learner)
            gradebook.db.commit()
        for name in graded.nodes:
            resources = {
                "nbgrader": {
                    "notebook": name,
                    "assignment": unit,
                    "student": learner,
                    "db_url": self.coursedir.db_url,
                }
            }
            AssignLatePenalties(config=self.config).preprocess(graded.nodes[name], resources)

    def _comment(
        self, gradebook: Gradebook, graded: Graded, grade_id: str, result: dict[str, Any], unit: str, learner: str
    ) -> None:
        """The program's own words to a task, as nbgrader gives them; a person's stay."""
        comment = gradebook.find_comment(grade_id, result["notebook"], unit, learner)
        node = next(
            each
            for each in graded.nodes[result["notebook"]].cells
            if each.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        ) if self._has(graded, result["notebook"], grade_id) else None
        if result["status"]["kind"] != "graded":
            comment.auto_comment = f"Not graded: {result['status']['reason']}."
        elif node is None:
            comment.auto_comment = "The cell of this task was missing."
        else:
            empty = any(task["id"] == grade_id and task["outcome"] == "empty" for task in result["tasks"])
            comment.auto_comment = "No response." if empty else None

    def _has(self, graded: Graded, notebook: str, grade_id: str) -> bool:
        return any(
            cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id for cell in graded.nodes[notebook].cells
        )

    def _bonus_before(self, learner: str, unit: str) -> dict[tuple[str, str], float]:
        """What a grading by an older version gave as bonus, which a person may have added to since."""
        result = read_result(self.result_file(learner, unit))
        return {
            (notebook["notebook"], task["id"]): task["bonus"] or 0
            for notebook in (result or {}).get("notebooks", [])
            for task in notebook["tasks"]
        }


def solutions_id(course: Course, notebook: str, task: str) -> str:
    """nbgrader's name of a task."""
    return course.notebooks[notebook].by_grade_id[task].grade_id or task


def read_result(file: Path) -> dict[str, Any] | None:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
