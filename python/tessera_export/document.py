"""From a notebook's JSON to the bytes of a PDF."""

import base64
import binascii
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

from tessera_kernel.temporary import temporary_folder

from .attachments import name_attachments
from .limits import Limits

HERE = Path(__file__).parent
# What the PDF can show of an output, best first. Plotly's JSON is not among them: a chart's
# bundle carries its SVG. HTML comes last: pandoc keeps its text and tables and drops the rest.
SHOWN = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "text/latex", "text/markdown",
         "text/plain", "text/html"]  # fmt: skip


class ExportError(RuntimeError):
    """Something that belongs in the PDF cannot be in it."""


def make_pdf(notebook, name, folder, fields=None):
    """Sets a notebook of format 4; `name` is the title of one without headings, `folder` where the
    images that it names lie, `fields` what notebook.typ is told beside, such as the owner. Throws
    ExportError where something is missing."""
    limits = Limits()
    for number, cell in enumerate(notebook["cells"], 1):
        for output in cell.get("outputs", []):
            choose_representation(output, number)
    notebook = {**notebook, "cells": limits.shorten(notebook["cells"])}
    for cell in notebook["cells"]:
        name_attachments(cell)
    pandoc = program("pypandoc", "pypandoc_binary").get_pandoc_path()
    typst = program("typst", "typst")
    # The system's fonts stand in for characters that the project's own do not have.
    fonts = typst.Fonts(font_paths=[str(HERE / "fonts")])
    with temporary_folder("pdf") as work:
        command = [pandoc, "--from=ipynb+raw_tex", "--to=typst", "--standalone", "--wrap=preserve",
                   "--ipynb-output=all", "--syntax-highlighting=idiomatic", "--extract-media=.",
                   f"--template={HERE / 'notebook.typ'}", f"--lua-filter={HERE / 'notebook.lua'}",
                   f"--lua-filter={HERE / 'formulas.lua'}",
                   f"--resource-path={Path(folder).resolve()}", f"--metadata=home:{home_of(folder)}",
                   f"--metadata=folder:{Path(folder).resolve()}", f"--metadata=name:{name}",
                   *(f"--metadata={field}:{value}" for field, value in (fields or {}).items()),
                   "--output=notebook.typ"]  # fmt: skip

        def set_notebook():
            done = subprocess.run(command, input=json.dumps(notebook).encode(), cwd=work,
                                  capture_output=True)  # fmt: skip
            said = without_formulas(done.stderr.decode(errors="replace")).strip()
            if done.returncode != 0:
                raise ExportError(said or f"pandoc ended with exit code {done.returncode}")
            compiled = typst.compile_with_warnings(f"{work}/notebook.typ", root=str(work), font_paths=fonts)
            return *compiled, said

        try:
            try:
                pdf, warnings, said = set_notebook()
            except typst.TypstError:
                refused = refused_formulas(work, typst, fonts)
                if not refused:
                    raise
                (work / "unset.json").write_text(json.dumps(refused))
                pdf, warnings, said = set_notebook()
        except typst.TypstError as error:
            where = cell_of(error, work) or damaged_picture(notebook["cells"], work, typst)
            reason = error.message.splitlines() or ["it ended without a word"]
            raise ExportError(f"{where}typst: {reason[0]}") from error
    for note in (said, limits.notes()):
        if note:
            print(note, file=sys.stderr)
    for warning in warnings:
        if "foreign object" in warning.message:
            raise ExportError("An SVG output holds HTML (foreignObject), which the PDF cannot show; "
                              "draw its text with <text>")  # fmt: skip
        print(f"typst: {warning.message}", file=sys.stderr)
    return pdf


def cell_of(error, work):
    """In which cell something lies that typst does not take, where it says the line."""
    line = re.search(r"notebook\.typ:(\d+)", str(getattr(error, "diagnostic", "") or error))
    if not line:
        return ""
    before = (work / "notebook.typ").read_text().split("\n")[: int(line[1])]
    marks = [mark[1] for mark in map(re.compile(r"// cell (\d+)$").match, before) if mark]
    return f"cell {marks[-1]}: " if marks else ""


def damaged_picture(cells, work, typst):
    """In which cell the first picture lies that typst cannot decode: its error is of the template, which sets it."""
    for number, cell in enumerate(cells, 1):
        bundles = [*(output.get("data", {}) for output in cell.get("outputs", [])),
                   *(cell.get("attachments") or {}).values()]  # fmt: skip
        for mime, data in (item for bundle in bundles for item in bundle.items()):
            if not mime.startswith("image/"):
                continue
            text = data if isinstance(data, str) else "".join(data)
            try:
                content = text.encode() if mime == "image/svg+xml" else base64.b64decode(text)
                (work / "picture").write_bytes(content)
                kind = mime.removeprefix("image/").removesuffix("+xml").replace("jpeg", "jpg")
                (work / "picture.typ").write_text(f'#image("picture", format: "{kind}")')
                typst.compile(str(work / "picture.typ"), root=str(work))
            except (typst.TypstError, binascii.Error):
                return f"cell {number}: a picture is damaged: "
    return ""


def home_of(folder):
    """The folder from within which images are taken: the home, or the installation, that a folder lies in."""
    folder = Path(folder).resolve()
    around = (each for each in (folder, *folder.parents) if (each / "tessera").is_file())
    return next(around, folder)


def join(notebooks):
    """One notebook of the cells of several, each of which keeps its title as a heading."""
    cells = []
    for number, notebook in enumerate(notebooks, 1):
        for cell in notebook["cells"]:
            if "id" in cell:  # unique in its own notebook only
                cell["id"] = f"{number}-{cell['id']}"[:64]
            cells.append(cell)
    return {**notebooks[0], "cells": cells}


def program(module, package):
    """Imports a Python package that carries a program, or says what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExportError(f"The PDF export needs the Python package {package}") from error


def without_formulas(said):
    """What pandoc says, but for the formulas that it cannot read: formulas.lua names them."""
    return re.sub(r"\[WARNING\] Could not convert TeX math [\s\S]*?rendering as TeX:\n(  .*\n?)*", "",
                  said)  # fmt: skip


def refused_formulas(work, typst, fonts):
    """The formulas, as TeX, whose code typst does not take: each is set alone."""
    refused = []
    for formula in json.loads((work / "formulas.json").read_text()):
        try:
            typst.compile(formula["code"].encode(), font_paths=fonts)
        except typst.TypstError:
            refused.append(formula["tex"])
    return refused


def choose_representation(output, number):
    """Leaves one MIME type in an output's bundle: the best one that the PDF can show."""
    data = output.get("data")
    if not data:
        return
    best = next((mime for mime in SHOWN if mime in data), None)
    if best is None:
        raise ExportError(f"cell {number}: the PDF cannot show an output that is only "
                          f"{', '.join(data)}; add image/svg+xml or text/plain to it")  # fmt: skip
    if best.startswith("image/") and "text/plain" in data:
        # The words of a chart are its alternative text, for readers who cannot see it.
        words = "".join(data["text/plain"])
        output["metadata"] = {best: {**output.get("metadata", {}).get(best, {}), "alt": words}}
    output["data"] = {best: data[best]}
