"""Reads files as grading does, for a test: FILES in the order of the arguments; what came of each, in JSON."""

import json
import sys
from pathlib import Path

from tessera_grading.intake import Unreadable, read_notebook

outcomes = []
for name in sys.argv[1:]:
    warnings: list = []
    try:
        cells = read_notebook(Path(name).read_bytes(), warnings).cells
        outcomes.append(
            {
                "cells": [cell.source for cell in cells],
                "attachments": [cell.attachments for cell in cells if "attachments" in cell],
                "said": [each.text for each in warnings],
            }
        )
    except Unreadable as error:
        outcomes.append({"reason": str(error)})
print(json.dumps(outcomes))
