"""`python -m tessera_export NOTEBOOK PDF IMAGES`: nbconvert's file without nbconvert's start-up.

IMAGES is the folder from which the notebook names its images. With `--hand-in FIELDS` (JSON) before, more
notebooks may follow: all become one document, which says on its first page and in its footer whose it is
(`owner`), and which has a table of contents and a title of its own (`name`) where they are several.
"""

import json
import signal
import sys
from pathlib import Path

from .document import ExportError, join, make_pdf
from .files import write_whole


def end(*_):
    raise SystemExit(128 + signal.SIGTERM)  # past what removes temporary folders


signal.signal(signal.SIGTERM, end)
arguments = sys.argv[1:]
fields = {}
if arguments[0] == "--hand-in":
    fields = json.loads(arguments[1])
    arguments = arguments[2:]
first, pdf, images, *more = map(Path, arguments)
try:
    notebooks = [json.loads(path.read_bytes()) for path in (first, *more)]
    if more:
        fields["joined"] = "true"
    name = fields.pop("name", first.stem)
    document = join(notebooks) if more else notebooks[0]
    write_whole(pdf, make_pdf(document, name if more else first.stem, images, fields))
except (ExportError, OSError, ValueError) as error:
    sys.exit(str(error))
