"""`python -m tessera_export NOTEBOOK PDF IMAGES`: nbconvert's file without nbconvert's start-up.

IMAGES is the folder from which the notebook names its images.
"""

import json
import sys
from pathlib import Path

from .document import ExportError, make_pdf

notebook, pdf, images = map(Path, sys.argv[1:])
try:
    pdf.write_bytes(make_pdf(json.loads(notebook.read_bytes()), notebook.stem, images))
except (ExportError, OSError, ValueError) as error:
    sys.exit(str(error))
