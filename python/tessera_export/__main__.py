"""`python -m tessera_export NOTEBOOK PDF`: the same file as nbconvert's, without its start-up."""

import json
import sys
from pathlib import Path

from .document import ExportError, make_pdf

notebook, pdf = map(Path, sys.argv[1:])
try:
    pdf.write_bytes(make_pdf(json.loads(notebook.read_bytes()), notebook.stem, notebook.parent))
except (ExportError, OSError, ValueError) as error:
    sys.exit(str(error))
