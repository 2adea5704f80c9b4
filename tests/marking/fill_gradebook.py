"""Fills a gradebook with a made-up class by nbgrader's own functions: fill_gradebook.py FILE < CLASS

CLASS is JSON: `unit`, `notebooks` (name to tasks) and `submissions` (learner to notebook to task to points; null
for an answer that waits).
"""

import json
import sys

from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def trust_the_machine(connection, _record):
    """Nothing is lost with a made-up class."""
    connection.execute("PRAGMA synchronous = OFF")


course = json.load(sys.stdin)
with Gradebook(f"sqlite:///{sys.argv[1]}", "tessera") as book:
    book.add_assignment(course["unit"])
    for name, tasks in course["notebooks"].items():
        book.add_notebook(name, course["unit"])
        for task in tasks:
            if task["grade"]:
                about = {"max_score": task["maximum"], "cell_type": task["kind"]}
                book.add_grade_cell(task["task"], name, course["unit"], **about)
            if task["solution"]:
                book.add_solution_cell(task["task"], name, course["unit"])
    for learner, notebooks in course["submissions"].items():
        book.add_student(learner)
        book.add_submission(course["unit"], learner)
        for name, tasks in notebooks.items():
            for task, points in tasks.items():
                grade = book.find_grade(task, name, course["unit"], learner)
                grade.auto_score = points
                grade.needs_manual_grade = points is None
    book.db.commit()
