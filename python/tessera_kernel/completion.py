"""Completions: Jupyter counts characters, Deno's kernel bytes, and it ends at a place within a character."""

import json
import re
from functools import cache
from pathlib import Path

from .messages import Json


def asked(code: str, cursor: int) -> Json:
    """A `complete_request` as Deno's kernel takes it."""
    # What follows the cursor is not asked for, and would keep Deno from finding names.
    return {"code": code[:cursor], "cursor_pos": len(code[:cursor].encode())}


def answered(code: str, content: Json) -> Json:
    """Deno's reply in Jupyter's places, without the machinery: what lies under tf, and names with __."""
    before = code[: len(code.encode()[: content["cursor_start"]].decode("utf-8", "ignore"))]
    hidden = _under_tensorflow() if re.search(r"\btf\.\s*$", before) else frozenset()
    matches = [name for name in content["matches"] if not name.startswith("__") and name not in hidden]
    return {**content, "matches": matches} | {
        place: len(code.encode()[: content[place]].decode("utf-8", "ignore"))
        for place in ("cursor_start", "cursor_end")
    }


@cache
def _under_tensorflow() -> frozenset[str]:
    names = json.loads(Path(__file__).with_name("hidden_names.json").read_text())
    return frozenset(names["kernels"] + names["modules"])
