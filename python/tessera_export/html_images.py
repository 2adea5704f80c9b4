"""Images of Markdown in exported HTML."""

import re

from nbconvert.preprocessors import Preprocessor

from .attachments import name_attachments

ATTACHED = re.compile(r"(!\[[^\]]*\]\(\s*<?)attachment:([^)>\s]+)")


class NameAttachments(Preprocessor):
    """Has nbconvert find attached images, and go without one that is not there, as JupyterLab does."""

    enabled = True

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "markdown":
            return cell, resources
        name_attachments(cell)

        def without_missing(match):
            if match[2] in cell.get("attachments", {}):
                return match[0]
            self.log.warning("cell %d: the image %s is not attached", index + 1, match[2])
            return match[1] + match[2]

        cell.source = ATTACHED.sub(without_missing, cell.source)
        return cell, resources
