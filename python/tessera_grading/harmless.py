"""What learners wrote as HTML in which nothing runs, for the pages of nbgrader that staff and learners open.

nbgrader's formgrader shows a notebook in a page of the Jupyter server: a script in a learner's text would run there
with all that the person who grades may do. `nbgrader_config.py` gives these filters to nbconvert in place of its own.
"""

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

_TAGS = {
    *bleach.ALLOWED_TAGS,
    *("p", "div", "span", "pre", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "sub", "sup", "small", "figure"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "img", "progress", "figcaption"),
}


def _of_picture(_tag: str, name: str, value: str) -> bool:
    """Its size and words; and its source where that is the picture itself, so that nothing is fetched."""
    return name in ("alt", "width", "height") or (name == "src" and value.startswith("data:image/"))


_ATTRIBUTES = {
    **bleach.ALLOWED_ATTRIBUTES,
    "*": ["class", "style", "title"],
    "img": _of_picture,
    "progress": ["value", "max"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")


def clean(html: str | bytes) -> str:
    """HTML with what shows alone."""
    text = html.decode() if isinstance(html, bytes) else str(html)
    protocols = {"data", "http", "https", "mailto"}
    return bleach.clean(text, _TAGS, _ATTRIBUTES, protocols, css_sanitizer=CSSSanitizer())


@pass_context
def markdown(context: Context, source: str) -> str:
    """HTML of a text in Markdown; its writer's own HTML is shown as it was written."""
    attachments = (context.get("cell") or {}).get("attachments", {})
    return MarkdownWithMath(renderer=IPythonRenderer(escape=True, attachments=attachments)).render(source)


class StillForms(Preprocessor):
    """Of an output that is a picture too, and a page with a script, leaves the picture."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "<script" in str(data.get("text/html", "")).lower() and any(mime in data for mime in _PICTURES):
                del data["text/html"]
        return cell, resources
