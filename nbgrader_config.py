"""nbgrader's settings: this folder is the course, its units are the assignments."""

import sys
from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter gives its configuration files this function)
c.CourseDirectory.course_id = "tessera"
c.CourseDirectory.source_directory = "notebooks/source"
c.CourseDirectory.release_directory = "notebooks/exercises"
# What learners hand in and what comes of it: kept below this folder, so that a notebook being
# graded finds deno.json, and out of git.
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solutions"

# The checks know an unsolved task by the words "Not solved yet".
c.ClearSolutions.code_stub = {
    "typescript": "// Your code here\n"
    'throw new Error("Not solved yet: write your code in place of this line, then run the cell again.");',
}
c.ClearSolutions.text_stub = "*Your answer here.*"

# Settings that a learner may have laid beside a notebook would be taken for the course's.
c.CourseDirectory.ignore = [
    *(".ipynb_checkpoints", "*.pyc", "__pycache__", ".*"),
    *("deno.json", "deno.jsonc", "deno.lock", "import_map.json", "package.json", "node_modules"),
]

# How submissions are read, run apart from each other, and judged (docs/grading.md): only where nbgrader's own
# programs read this file.
sys.path.insert(0, str(Path(__file__).resolve().parent / "python"))
if "nbgrader.apps.autogradeapp" in sys.modules:
    from tessera_grading.autograde import install

    install()

c.ExchangeFactory.collect = "tessera_grading.exchange.TesseraCollect"  # follows no links
c.ExportApp.plugin_class = "tessera_grading.export.TesseraExport"  # `nbgrader export` tells what was not graded

# Pages with a learner's notebook: formgrader's, which runs with the rights of the person who grades, and feedback.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "tessera_grading.harmless.markdown",
    "clean_html": "tessera_grading.harmless.clean",
}
c.HTMLExporter.preprocessors = ["tessera_grading.harmless.StillForms"]
