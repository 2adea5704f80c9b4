"""Completions: Jupyter counts characters, Deno's kernel bytes, and it ends at a place within a character."""

from .messages import Json


def asked(code: str, place: object) -> Json:
    """A `complete_request` as Deno's kernel takes it."""
    place = min(max(place, 0), len(code)) if isinstance(place, int) else len(code)
    # What follows the cursor is not asked for, and would keep Deno from finding names.
    return {"code": code[:place], "cursor_pos": len(code[:place].encode())}


def answered(code: str, content: Json) -> Json:
    """Deno's reply in Jupyter's places, without the name that is the door's own."""
    matches = [name for name in content["matches"] if name != "__tessera"]
    return {**content, "matches": matches} | {
        place: len(code.encode()[: content[place]].decode("utf-8", "ignore"))
        for place in ("cursor_start", "cursor_end")
    }
