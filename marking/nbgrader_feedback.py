"""nbgrader's pages of feedback: nbgrader_feedback.py CONFIG SOURCE GRADING GRADEBOOK UNIT < LEARNERS

Makes a page of each notebook of these learners (a name a line) in GRADING/feedback. Says on standard output a line
of JSON when it is ready, and one for each, with what went wrong.
"""

import json
import logging
import re
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from tessera_export.html import mathml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

config_file, source, grading, gradebook, unit = sys.argv[1:]
grading = Path(grading)
config = Config(PyFileConfigLoader(config_file).load_config())
config.CourseDirectory.root = str(grading.parent)
config.CourseDirectory.source_directory = source
for name in ("submitted", "autograded", "feedback"):
    config.CourseDirectory[f"{name}_directory"] = str(grading / name)
config.CourseDirectory.db_url = f"sqlite:///{gradebook}"
config.CourseDirectory.assignment_id = unit
# The pages are read without a network: formulas become MathML below.
config.HTMLExporter.mathjax_url = ""
config.HTMLExporter.require_js_url = ""


class Said(logging.Handler):
    """Keeps what nbgrader says went wrong."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines += record.getMessage().splitlines()

    def reason(self):
        """The last line that names an error."""
        errors = [line for line in self.lines if re.match(r"[\w.]+(Error|Exception|Entry|Warning): ", line)]
        return errors[-1] if errors else "nbgrader does not say why"


said = Said()
logging.basicConfig(level=logging.ERROR, handlers=[said])


# What learners wrote can neither run nor fetch anything, whoever opens the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"


def without_network(page):
    """A page that needs no script and no network: nbgrader's own are in its head, and formulas become MathML."""
    head, end, body = page.partition("</head>")
    head = re.sub(r"<script\b[^>]*>[\s\S]*?</script>", "", head)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return re.sub(r"<head[^>]*>", rf"\g<0>{policy}", head, count=1) + end + str(mathml(body))


def open_tasks(directory, learner):
    """By notebook, the tasks whose points nobody knows yet, which nbgrader shows as zeros."""
    with Gradebook(directory.db_url, directory.course_id) as book:
        return {
            notebook.name: [
                grade.name
                for grade in notebook.grades
                if grade.auto_score is None and grade.manual_score is None
            ]
            for notebook in book.find_submission(unit, learner).notebooks
        }


def without_zeros(page, tasks):
    """A page that says of these tasks that their points are not known."""
    for task in map(re.escape, tasks):
        page = re.sub(
            rf'(<a href="#{task}">[^<]*</a> \()Score: [\d.]+ / ([\d.]+)\)', r"\1not known yet, of \2)", page
        )
        page = re.sub(
            rf'(<a name="{task}"></a>(?:(?!<a name=)[\s\S])*?)Score: [\d.]+ / ([\d.]+)', r"\1Not known yet, of \2", page
        )
    if tasks:
        page = re.sub(r"(<h4>[^<]*\(Score: [\d.]+ / [\d.]+)\)", rf"\1, and {len(tasks)} not known yet)", page)
    return page


print(json.dumps({"ready": True}), flush=True)
for learner in sys.stdin.read().splitlines():
    config.CourseDirectory.student_id = learner
    directory = CourseDirectory(config=config)
    problem = None
    said.lines.clear()
    try:
        GenerateFeedback(coursedir=directory, config=config, force=True).start()
        folder = Path(directory.format_path(directory.feedback_directory, learner, unit))
        unknown = open_tasks(directory, learner)
        for page in folder.glob("*.html"):
            text = without_network(page.read_text(encoding="utf-8"))
            page.write_text(without_zeros(text, unknown.get(page.stem, [])), encoding="utf-8")
    except (Exception, SystemExit) as error:  # one learner's page is no reason to give nobody theirs
        known = isinstance(error, (NbGraderException, SystemExit))
        problem = said.reason() if known else repr(error)
    print(json.dumps({"learner": learner, "problem": problem}), flush=True)
