"""Images that are attached to a cell, under names that every exporter finds."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

# An image written as HTML, as people do who want it smaller.
IMG = re.compile(r"""(<img\b[^>]*?\bsrc\s*=\s*)(["'])attachment:(.*?)\2""", re.IGNORECASE | re.DOTALL)


def name_attachments(cell):
    """Gives a cell's attached images names without spaces and signs, and writes those of HTML into it."""
    attached = cell.get("attachments")
    if not attached:
        return

    def with_content(match):
        image = attached.get(match[3]) or attached.get(unquote(match[3]))
        if not image:
            return match[0]
        mime, content = next(iter(image.items()))
        return f"{match[1]}{match[2]}data:{mime};base64,{''.join(content)}{match[2]}"

    source = IMG.sub(with_content, "".join(cell["source"]))
    named = {}
    # A name may be the beginning of another.
    for number, (name, image) in enumerate(sorted(attached.items(), reverse=True), 1):
        plain = f"attachment-{number}{Path(name).suffix}"
        for form in (name, quote(name), name.replace(" ", "%20")):
            source = source.replace(f"<attachment:{form}>", f"attachment:{plain}")
            source = source.replace(f"attachment:{form}", f"attachment:{plain}")
        named[plain] = image
    cell["source"], cell["attachments"] = source, named
