"""Jupyter's door to `document`: an exporter for nbconvert and JupyterLab's menu."""

from nbconvert.exporters import Exporter
from traitlets import default

from .document import make_pdf


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
        return make_pdf(nb, metadata["name"], metadata.get("path") or "."), resources
