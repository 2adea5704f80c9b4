"""Images that are attached to a cell, under names that every exporter finds."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

# An image written as HTML, as people do who want it smaller.
IMG = re.compile(r"""(<img\b[^>]*?\bsrc\s*=\s*)(["'])attachment:(.*?)\2""", re.IGNORECASE | re.DOTALL)

# Code, which stays as it is written: between fences, or in one paragraph between equally many backticks.
FENCED = r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)|\Z)"
INLINE = r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=ticks)(?!`)"
CODE = re.compile(f"{FENCED}|{INLINE}", re.DOTALL | re.MULTILINE)


def outside_code(change, source):
    """The text with everything changed that is not code."""
    changed, at = "", 0
    for code in CODE.finditer(source):
        changed += change(source[at : code.start()]) + code[0]
        at = code.end()
    return changed + change(source[at:])


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

    named, forms = {}, {}
    for number, (name, image) in enumerate(attached.items(), 1):
        plain = f"attachment-{number}{Path(name).suffix}"
        for form in (name, quote(name), name.replace(" ", "%20")):
            forms[f"<attachment:{form}>"] = forms[f"attachment:{form}"] = f"attachment:{plain}"
        named[plain] = image

    # The longest first: a name may be the beginning of another.
    any_form = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))

    def with_names(text):
        return any_form.sub(lambda match: forms[match[0]], IMG.sub(with_content, text))

    cell["source"], cell["attachments"] = outside_code(with_names, "".join(cell["source"])), named
