"""Writes gradients.json: TensorFlow's gradients in float64, for the table of gradients.

Run from the project's root with the Python that has TensorFlow; with names, it prints those ops alone:
    .venv/bin/python tests/reference/gradients.py [OP…]
"""

import json
import os
import pathlib
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from gradient_cases import elementwise, images, movement, products, reductions  # noqa: E402, F401
from gradient_cases.case import OPS, solve  # noqa: E402

CASES = 20

names = sys.argv[1:] or sorted(OPS)
lines, failed = [], 0
for name in names:
    cases = []
    for number in range(CASES):
        try:
            cases.append(json.dumps(solve(name, number), separators=(",", ":"), allow_nan=False))
        except Exception:
            failed += 1
            print(f"{name}, case {number}:\n{traceback.format_exc(limit=-2)}", file=sys.stderr)
            break
    lines.append(f'"{name}": [\n' + ",\n".join(cases) + "\n]")
text = "{\n" + ",\n".join(lines) + "\n}\n"
if sys.argv[1:]:
    print(text)
else:
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(text)
    print(f"{len(names)} ops, {CASES} cases each, {len(text)} bytes; {failed} failed")
sys.exit(min(failed, 1))
