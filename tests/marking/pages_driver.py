"""A hostile notebook as formgrader shows it, for a test: CONFIG; what could run in the page, and what shows, in JSON."""

import json
import sys

import nbgrader.server_extensions.formgrader.handlers as formgrader
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

config = Config(PyFileConfigLoader(sys.argv[1]).load_config())
# As formgrader sets it.
config.HTMLExporter.template_name = "formgrade"
config.HTMLExporter.extra_template_basedirs = [formgrader.template_path]

ATTACK = "<script>mine()</script><img src=mine onerror=mine()><svg onload=mine()></svg><a href='javascript:mine()'>a</a>"
TABLE = '<table><tbody><tr><td style="text-align:right">cell</td></tr></tbody></table>'


def shown(**data):
    return new_output("display_data", data={name.replace("_", "/"): text for name, text in data.items()})


def page(text, *outputs):
    about = {"grade": True, "solution": True, "grade_id": "a", "points": 1, "schema_version": 3}
    about |= {"locked": False, "task": False}
    cells = [new_markdown_cell(text), new_code_cell("1;", outputs=list(outputs))]
    for cell in cells:
        cell.metadata["nbgrader"] = about
    html, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=cells), resources={"index": 0, "total": 1})
    return BeautifulSoup(html, "html.parser").body


def running(body):
    """What of a page can run or fetch."""
    found = [str(each) for each in body.find_all("script")]
    for each in body.find_all(True):
        found += [f"{each.name} {name}={value}" for name, value in each.attrs.items() if "mine" in str(value)]
    return found


still = {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'></svg>", "text/html": "<div></div><script>mine()</script>"}
hostile = page(
    ATTACK,
    shown(text_html=TABLE + ATTACK),
    new_output("display_data", data=still),
    shown(application_javascript="mine()"),
    shown(text_markdown=ATTACK),
    new_output("stream", name="stdout", text=ATTACK),
)
harmless = page("**bold** $x < y$")
print(
    json.dumps(
        {
            "running": [each for each in running(hostile) if each not in running(harmless)],
            "cell": hostile.find("td").get("style"),
            "pictures": len([each for each in hostile.find_all("img") if each.get("src", "").startswith("data:")]),
            "bold": str(harmless.find("strong")),
        }
    )
)
