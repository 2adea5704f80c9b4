"""Formulas in exported HTML, which must need no network: TeX becomes MathML, which browsers read."""

import html as entities
import re
import subprocess

import pypandoc
from markupsafe import Markup

# What holds no formulas, and formulas as nbconvert leaves them for MathJax.
PATTERN = re.compile(
    r"(?P<other><(?P<tag>pre|code|script|style|svg|math)\b.*?</(?P=tag)>|<[^>]*>)"
    r"|(?P<display>\$\$(?:.+?)\$\$|\\\[.+?\\\]"
    r"|\\begin\{(?P<name>[a-zA-Z]+\*?)\}.*?\\end\{(?P=name)\})"
    r"|(?P<inline>\$(?!\s)(?:[^$<]|<(?![/a-zA-Z]))+?(?<!\s)\$(?!\d)|\\\(.+?\\\))",
    re.DOTALL,
)

# What is nested a thousandfold would keep pandoc busy for days.
MOST_SECONDS = 60


def mathml(html):
    """HTML with its formulas as MathML; one that cannot be read stays as it is written."""
    found = [match for match in PATTERN.finditer(html) if not match["other"]]
    if not found:
        return html
    written = iter(convert([tex_of(match) for match in found]))
    text = PATTERN.sub(lambda match: match[0] if match["other"] else next(written) or match[0], html)
    return Markup(text) if isinstance(html, Markup) else text


def tex_of(match):
    """The formula in pandoc's dollars, in one line."""
    tex = match["display"] or match["inline"]
    if tex.startswith("$$") or tex.startswith("\\[") or tex.startswith("\\("):
        tex = tex[2:-2]
    elif tex.startswith("$"):
        tex = tex[1:-1]
    # Emphasis that Markdown saw in a formula is none.
    tex = entities.unescape(re.sub(r"</?(?:em|strong)>", "_", tex))
    dollars = "$$" if match["display"] else "$"
    return dollars + " ".join(tex.split()) + dollars


def convert(formulas):
    """MathML for each formula, None for one that pandoc cannot read."""
    try:
        done = subprocess.run(
            [pypandoc.get_pandoc_path(), "--from=markdown", "--to=html", "--mathml", "--wrap=none"],
            input="\n\n".join(formulas).encode(),
            capture_output=True,
            check=True,
            timeout=MOST_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return [None] * len(formulas)
    parts = re.findall(r"<p>(.*?)</p>", done.stdout.decode(), re.DOTALL)
    if len(parts) != len(formulas):
        return [None] * len(formulas)
    return [part if part.startswith("<math") else None for part in parts]
