"""nbgrader's gradebook for programs in TypeScript: nbgrader_book.py CONFIG SOURCE GRADING GRADEBOOK

Answers each line of standard input, a JSON object with what to `do`, by a line of JSON: `{"value": …}`, or
`{"error": "…"}`. GRADING has the hand-ins, GRADEBOOK is nbgrader's file, SOURCE the authors' units.
"""

import html
import json
import re
import secrets
import subprocess
import sys
from pathlib import Path

import nbformat
import pypandoc
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import event
from sqlalchemy.engine import Engine
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

config_file, source, grading, gradebook_file = map(Path, sys.argv[1:])


@event.listens_for(Engine, "connect")
def wait_for_others(connection, _record):
    """Grading may write at the same time."""
    connection.execute("PRAGMA busy_timeout = 60000")


def course_directory():
    config = Config(PyFileConfigLoader(str(config_file)).load_config())
    config.CourseDirectory.root = str(grading.parent)
    config.CourseDirectory.source_directory = str(source)
    for name in ("submitted", "autograded", "feedback"):
        config.CourseDirectory[f"{name}_directory"] = str(grading / name)
    config.CourseDirectory.db_url = f"sqlite:///{gradebook_file}"
    return CourseDirectory(config=config)


directory = course_directory()


def book():
    return Gradebook(directory.db_url, directory.course_id)


def scores(unit):
    """Points of every task of every learner, as the gradebook has them."""
    if not gradebook_file.exists():  # opening it would make one
        return {"duedate": None, "submissions": []}
    with book() as gradebook:
        try:
            assignment = gradebook.find_assignment(unit)
        except MissingEntry:
            return {"duedate": None, "submissions": []}
        return {
            "duedate": assignment.duedate and assignment.duedate.isoformat(),
            "submissions": [
                {
                    "learner": submission.student.id,
                    "secondsLate": submission.total_seconds_late,
                    "penalty": submission.late_submission_penalty or 0,
                    "tasks": [
                        {
                            "notebook": notebook.name,
                            "task": grade.name,
                            "automatic": grade.auto_score,
                            "manual": grade.manual_score,
                            "extra": grade.extra_credit or 0,
                            "waits": bool(grade.needs_manual_grade),
                            "maximum": grade.max_score,
                        }
                        for notebook in submission.notebooks
                        for grade in notebook.grades
                    ],
                }
                for submission in assignment.submissions
            ],
        }


def cells_of(path):
    """A notebook's tasks by nbgrader's name; nothing where it cannot be read."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError):
        return {}
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata and "grade_id" in cell.metadata["nbgrader"]
    }


def answers(unit):
    """The questions in words, in the order of the notebooks, each with all answers to it."""
    questions = []
    if not gradebook_file.exists():
        return questions
    with book() as gradebook:
        try:
            assignment = gradebook.find_assignment(unit)
        except MissingEntry:
            return []
        graded = {}  # each learner's notebooks are read once
        for notebook in sorted(assignment.notebooks, key=lambda each: each.name):
            path = source / unit / f"{notebook.name}.ipynb"
            model = nbformat.read(path, as_version=4)
            for index, cell in enumerate(model.cells):
                about = cell.metadata.get("nbgrader", {})
                if cell.cell_type != "markdown" or not (about.get("grade") and about.get("solution")):
                    continue
                questions.append(
                    {
                        "notebook": notebook.name,
                        "task": about["grade_id"],
                        "points": about["points"],
                        "question": question_before(model.cells, index),
                        "sample": source_of(cell),
                        "answers": [
                            each
                            for submitted in notebook.submissions
                            if (each := answer(gradebook, submitted, unit, about["grade_id"], graded))
                        ],
                    }
                )
    return questions


def question_before(cells, index):
    """The text of the task: from the last heading before the answer, without the cells of code."""
    texts = []
    for cell in reversed(cells[:index]):
        if cell.cell_type == "markdown":
            texts.insert(0, source_of(cell))
            if re.search(r"^#{1,6} ", cell.source, re.MULTILINE):
                break
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            break
    return "\n\n".join(texts)


def answer(gradebook, submitted, unit, task, graded):
    learner = submitted.student.id
    key = (learner, submitted.name)
    if key not in graded:
        graded[key] = cells_of(grading / "autograded" / learner / unit / f"{submitted.name}.ipynb")
    cell = graded[key].get(task)
    if cell is None:
        return None
    try:
        grade = gradebook.find_grade(task, submitted.name, unit, learner)
    except MissingEntry:
        return None
    comment = gradebook.find_comment(task, submitted.name, unit, learner)
    return {
        "learner": learner,
        "text": source_of(cell),
        "automatic": grade.auto_score,
        "manual": grade.manual_score,
        "waits": bool(grade.needs_manual_grade),
        "comment": comment.manual_comment or "",
    }


def source_of(cell):
    """A cell's Markdown, with the pictures that are pasted into it."""
    text = cell.source
    for name, bundle in (cell.get("attachments") or {}).items():
        for mime, data in bundle.items() if isinstance(bundle, dict) else ():
            if mime in ("image/png", "image/jpeg", "image/gif"):
                text = text.replace(f"attachment:{name}", f"data:{mime};base64,{data}")
    return text


def give(unit, notebook, task, learners, points, comment):
    """Gives the same points and the same comment to all these learners."""
    with book() as gradebook:
        for learner in learners:
            grade = gradebook.find_grade(task, notebook, unit, learner)
            grade.manual_score = points
            grade.needs_manual_grade = points is None and grade.auto_score is None
            gradebook.find_comment(task, notebook, unit, learner).manual_comment = comment or None
        gradebook.db.commit()


# Seconds that a class's texts may take together, and one by itself where they take longer: brackets that nest
# thousandfold would keep pandoc busy for days.
ALL_S, EACH_S = 30, 5
# What is shown of a text that is not set.
MOST_LETTERS = 20_000


def render(texts):
    """HTML of texts in Markdown, formulas as MathML. HTML of the writers' own is left out. One that pandoc cannot
    read stays as it was written, and the others do not wait for it."""
    try:
        return rendered(texts, ALL_S)
    except (RuntimeError, subprocess.TimeoutExpired):
        return [rendered_alone(text) for text in texts]


def rendered_alone(text):
    try:
        return rendered([text], EACH_S)[0]
    except (RuntimeError, subprocess.TimeoutExpired):
        return f"<pre>{html.escape(text[:MOST_LETTERS])}</pre>"


def rendered(texts, seconds):
    mark = secrets.token_hex(8)
    cells = [
        {"cell_type": "markdown", "id": f"c{mark}-{index}", "metadata": {}, "source": text}
        for index, text in enumerate(texts)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--from=ipynb-raw_html-raw_tex-native_divs-native_spans", "--to=html",
         "--mathml", "--wrap=none", "--syntax-highlighting=none"],
        input=json.dumps(notebook).encode(),
        capture_output=True,
        timeout=seconds,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    parts = re.split(rf'<div id="c{mark}-\d+" class="cell markdown"[^>]*>', done.stdout.decode())[1:]
    if len(parts) != len(texts):
        raise RuntimeError(f"pandoc gave {len(parts)} of {len(texts)} texts")
    return [re.sub(r"</div>\s*$", "", part) for part in parts]


def enrol(learners):
    """Lets the gradebook know these learners by their names; what it knows of others stays."""
    with book() as gradebook:
        for learner in learners:
            gradebook.update_or_create_student(learner.pop("id"), **learner)


tasks = {
    "enrol": enrol,
    "scores": scores,
    "answers": answers,
    "give": give,
    "render": render,
}

for line in sys.stdin:
    try:
        request = json.loads(line)
        value = tasks[request.pop("do")](**request)
        print(json.dumps({"value": value}), flush=True)
    except Exception as error:  # whatever it is, the other side must hear of it
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
