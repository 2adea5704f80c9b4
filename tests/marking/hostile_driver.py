"""Submissions that are hard on the program that grades, for a test: SOURCE EXERCISES; what came of them, in JSON."""

import json
import sys
import tempfile
from pathlib import Path
from time import process_time

import nbformat
from nbformat.v4 import new_code_cell
from tessera_grading import submission
from tessera_grading.arrange import arrange
from tessera_grading.course import Course
from tessera_grading.judge import judge
from tessera_grading.limits import Limits
from tessera_grading.plan import Plan
from tessera_grading.run import CellRun, NotebookRun

UNIT, NOTEBOOK = "unit1", "vision_transformer_mnist"
course = Course(UNIT, Path(sys.argv[1]), Path(sys.argv[2]))
notebook = course.notebooks[NOTEBOOK]
outcome = {}

many = nbformat.from_dict(json.loads(json.dumps(notebook.node)))
many.cells += [new_code_cell(f"{index};") for index in range(6000)]
begun = process_time()
arranged = arrange(many, notebook)
plan = Plan(arranged, notebook)
plan._failed = [plan.task_of["check-patches"]]
for index in range(len(arranged.node.cells)):
    plan.is_over(index)
outcome["seconds"] = process_time() - begun
outcome["told"] = [each.text for each in arranged.warnings if each.kind == "cell added"]

printing = arranged.node.cells[0]
printing.outputs = [
    nbformat.v4.new_output("stream", name="stdout", text="Not taken: best.safetensors \x1b]0;mine\x07" + 9999 * "x")
]
_, warnings = judge(arranged, NotebookRun([CellRun() for _ in arranged.node.cells]), [], plan)
outcome["printed"] = [each.text for each in warnings]


def breaks(*_, **__):
    raise KeyError("mine")


submission.Runner = breaks
with tempfile.TemporaryDirectory() as folder:
    nbformat.write(notebook.node, Path(folder) / f"{NOTEBOOK}.ipynb")
    graded = submission.grade("mine-1", Path(folder), course, "", Limits.from_environment())
outcome["status"] = graded.result["status"]
outcome["points"] = [task["points"] for task in graded.result["notebooks"][0]["tasks"]]
print(json.dumps(outcome))
