"""Grades submissions for `./tessera grade`: worker.py UNIT, a task a line on standard input, in JSON.

A task is `{"learner": …, "do": "grade" | "hold" | "apply"}`: to grade and write it down; to grade and keep the
outcome beside, where it does not count yet; to let count what was kept. What happens is told on standard output,
a JSON object a line.
"""

import json
import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tessera_kernel.parent import end_with_starter

from .bubblewrap import INSTALLATION
from .course import Course
from .gradebook import Book, read_result
from .limits import Limits
from .submission import digest_of, grade


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def open_book() -> Book:
    """The course in whose folder this runs; `TESSERA_GRADING` names another one for hand-ins and gradebook."""
    root = Path.cwd()
    config = Config(PyFileConfigLoader(str(root / "nbgrader_config.py")).load_config())
    config.CourseDirectory.root = str(root)
    if given := os.environ.get("TESSERA_GRADING"):
        folder = Path(given).absolute()
        for name in ("submitted", "autograded", "feedback"):
            config.CourseDirectory[f"{name}_directory"] = str(folder / name)
        config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
        folder.mkdir(parents=True, exist_ok=True)
    return Book(CourseDirectory(config=config), config)


class Worker:
    def __init__(self, unit: str) -> None:
        self._book = open_book()
        self._course: Course = self._book.register(unit)
        self._digest = self._course.digest(INSTALLATION / "lib")
        self._limits = Limits.from_environment()

    def do(self, learner: str, what: str, again: bool) -> None:
        unit, book = self._course.unit, self._book
        folder = book.path(book.coursedir.submitted_directory, learner, unit)
        before = read_result(book.result_file(learner, unit))
        if what == "apply":
            self._apply(learner)
            return
        if not again and before and self._is_current(before, folder):
            say(unchanged=learner)
            return

        def tell(notebook: str, cell: int, count: int) -> None:
            say(running=learner, notebook=notebook, cell=cell + 1, of=count)

        graded = grade(learner, folder, self._course, self._digest, self._limits, tell)
        if what == "hold":
            book.hold(graded)
        else:
            book.save(graded, self._course)
        say(graded=learner, result=graded.result)

    def _is_current(self, result: dict[str, Any], folder: Path) -> bool:
        return result["courseDigest"] == self._digest and result["submissionDigest"] == digest_of(folder)

    def _apply(self, learner: str) -> None:
        book, unit = self._book, self._course.unit
        graded = book.held(learner, unit)
        folder = book.path(book.coursedir.submitted_directory, learner, unit)
        if not self._is_current(graded.result, folder):
            say(failed=learner, why="the hand-in or the course has changed since it was regraded")
            return
        book.save(graded, self._course)
        book.drop(learner, unit)
        say(graded=learner, result=graded.result)


def main() -> None:
    # A program that a shell has put into the background is started deaf to Ctrl-C's signal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    end_with_starter()
    warnings.filterwarnings("ignore", category=SAWarning)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    worker = Worker(sys.argv[1])
    say(ready=True)
    for line in sys.stdin:
        task = json.loads(line)
        try:
            worker.do(task["learner"], task["do"], task.get("again", False))
        except Exception as error:  # one submission never ends another's grading
            say(failed=task["learner"], why=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
