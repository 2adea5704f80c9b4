"""Notebook to PDF without LaTeX or a browser: pandoc reads it, typst sets it."""

import importlib
import json
import subprocess
import tempfile
from pathlib import Path

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import default

HERE = Path(__file__).parent
# What the PDF can show of an output, best first. Plotly's JSON is not among them: a chart's
# bundle carries its SVG. HTML comes last: pandoc keeps its text and tables and drops the rest.
SHOWN = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "text/latex", "text/markdown",
         "text/plain", "text/html"]  # fmt: skip


class TesseraPDFExporter(Exporter):
    """Writes a notebook as PDF; a missing tool, image or output is an error, not a gap."""

    export_from_notebook = "PDF"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self):
        return ".pdf"

    def from_notebook_node(self, nb, resources=None, **kw):
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        metadata = resources["metadata"]
        for number, cell in enumerate(nb.cells, 1):
            for output in cell.get("outputs", []):
                choose_representation(output, number)
        pandoc = tool("pypandoc").get_pandoc_path()
        typst = tool("typst")
        with tempfile.TemporaryDirectory(prefix="tessera-pdf-") as folder:
            run_pandoc(pandoc, nb, Path(metadata.get("path") or "."), metadata["name"], folder)
            fonts = typst.Fonts(font_paths=[str(HERE / "fonts")])
            try:
                pdf = typst.compile(f"{folder}/notebook.typ", root=folder, font_paths=fonts)
            except typst.TypstError as error:
                raise ConversionException(f"typst: {error.diagnostic or error}") from error
        return pdf, resources


def tool(module):
    """Imports a Python package that carries a program, or says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"pypandoc": "pypandoc_binary"}.get(module, module)
        message = f"PDF export needs the Python package {package}: install requirements.txt"
        raise ConversionException(message) from error


def choose_representation(output, number):
    """Leaves one MIME type of an output's bundle: the best one that the PDF can show."""
    data = output.get("data")
    if not data:
        return
    best = next((mime for mime in SHOWN if mime in data), None)
    if best is None:
        found = ", ".join(data)
        raise ConversionException(f"Cell {number}: the PDF cannot show an output of {found} alone; "
                                  f"add image/svg+xml or text/plain to it")  # fmt: skip
    output["data"] = {best: data[best]}


def run_pandoc(pandoc, nb, source_folder, name, folder):
    """Writes `folder`/notebook.typ and the images it shows."""
    command = [pandoc, "--from=ipynb+raw_tex", "--to=typst", "--standalone", "--wrap=preserve",
               "--ipynb-output=all", "--syntax-highlighting=idiomatic", "--extract-media=.",
               f"--template={HERE / 'notebook.typ'}", f"--lua-filter={HERE / 'notebook.lua'}",
               f"--resource-path={source_folder.resolve()}", f"--metadata=name:{name}",
               "--output=notebook.typ"]  # fmt: skip
    done = subprocess.run(command, input=json.dumps(nb), cwd=folder, text=True, encoding="utf-8",
                          capture_output=True)  # fmt: skip
    if done.returncode != 0:
        raise ConversionException(f"pandoc: {done.stderr.strip()}")
