"""nbgrader's `autograde` with this course's way to read, run and judge submissions."""

import glob
import re
import warnings
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SAWarning

from . import bubblewrap
from .bubblewrap import INSTALLATION
from .gradebook import Book, read_result
from .limits import Limits
from .submission import digest_of, grade


class TesseraAutograde(Autograde):
    """Grades all submissions of a unit, one by one; only what is new or changed, but for `--force`."""

    def start(self) -> None:
        unit, book = self.coursedir.assignment_id, Book(self.coursedir, self.config)
        submissions = self._submissions(unit)
        if not submissions:
            pattern = self._format_source(unit, self.coursedir.student_id)
            self.log.error("No submissions were matched by '%s'", pattern)
            raise NbGraderException(f"No submissions were matched by '{pattern}'")
        if why_not := bubblewrap.why_not():
            self.log.warning("Learners' code runs with your rights, without a sandbox: %s.", why_not)
        course = book.register(unit)
        digest = course.digest(INSTALLATION / "lib")
        limits = Limits.from_environment()
        failed = []
        for learner, folder in submissions:
            before = read_result(book.result_file(learner, unit))
            if before and not self.force and _is_current(before, folder, digest):
                self.log.info("Skipping what was graded and is unchanged: %s", folder)
                continue
            self.log.info("Autograding %s", folder)
            try:
                graded = grade(learner, folder, course, digest, limits)
                book.save(graded, course)
            except Exception:
                self.log.exception("There was an error processing %s", folder)
                failed.append(learner)
                continue
            if graded.result["status"]["kind"] != "graded":
                self.log.warning("%s was not graded: %s", folder, graded.result["status"]["reason"])
        if failed:
            raise NbGraderException(f"There was an error processing the submissions of {', '.join(failed)}")

    def _submissions(self, unit: str) -> list[tuple[str, Path]]:
        pattern = self._format_source("(?P<unit>.*)", "(?P<learner>.*)", escape=True)
        excluded = self.coursedir.student_id_exclude.split(",")
        found = []
        for folder in sorted(glob.glob(self._format_source(unit, self.coursedir.student_id))):
            match = re.match(pattern, folder)
            if match and match["learner"] not in excluded and Path(folder).is_dir():
                found.append((match["learner"], Path(folder)))
        return found


def _is_current(before: dict, folder: Path, course_digest: str) -> bool:
    return before.get("courseDigest") == course_digest and before.get("submissionDigest") == digest_of(folder)


def install() -> None:
    """Puts it in the place of nbgrader's own, for its command and for formgrader."""
    # nbgrader's own queries warn of themselves with each submission.
    warnings.filterwarnings("ignore", category=SAWarning)
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp

    for module in (nbgrader.apps.api, nbgrader.apps.autogradeapp):
        module.Autograde = TesseraAutograde
