"""Reads what was handed in, whatever became of it on its way, or says why it cannot be read."""

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .course import Course, CourseNotebook
from .results import Warning

MOST_BYTES = 300_000_000
# Marks of a merge, and which part of a conflict begins with each: what both had before counts for neither.
_CONFLICT_MARKS = {b"<<<<<<<": "first", b"|||||||": "before", b"=======": "second", b">>>>>>>": ""}
_KINDS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"<!do": "a web page",
    b"<htm": "a web page",
}
# What a submission may bring beside its notebooks; all else stays out of the run.
WEIGHTS = ("best.safetensors",)


class Unreadable(Exception):
    """Why a file is no notebook, in words that follow on "not graded: "."""


@dataclass
class HandedIn:
    """A notebook that was handed in."""

    file: str
    node: NotebookNode | None = None
    reason: str = ""
    warnings: list[Warning] = field(default_factory=list)


def read_notebook(content: bytes, warnings: list[Warning]) -> NotebookNode:
    """The notebook in a file's bytes. Says in `warnings` what had to be put right; raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the file has {len(content) / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}")
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty")
    if content.startswith(b"PK\x03\x04"):
        content = _from_archive(content)
        warnings.append(Warning("repaired", "A ZIP was handed in under the notebook's name; its notebook was taken."))
    for start, kind in _KINDS.items():
        if content[:8].lower().startswith(start.lower()):
            raise Unreadable(f"the file is {kind}, not a notebook")
    text = _decoded(content, warnings)
    parsed = _parsed(text, warnings)
    if not isinstance(parsed, dict) or not ({"cells", "worksheets"} & parsed.keys()):
        raise Unreadable("the file has no cells, so it is no notebook")
    return _upgraded(parsed, warnings)


def _from_archive(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [
                each
                for each in archive.infolist()
                if each.filename.endswith(".ipynb") and "__MACOSX" not in each.filename
                and ".ipynb_checkpoints" not in each.filename
            ]
            if len(found) != 1:
                raise Unreadable(f"the file is a ZIP with {len(found)} notebooks in it")
            if found[0].file_size > MOST_BYTES:
                raise Unreadable(f"the file is a ZIP of {found[0].file_size / 1e6:.0f} MB")
            return archive.read(found[0])
    except Unreadable:
        raise
    except Exception as error:  # whatever damaged bytes make of the module and its decompressors
        raise Unreadable(f"the file is a ZIP that cannot be opened ({error})") from None


def _decoded(content: bytes, warnings: list[Warning]) -> bytes:
    """The same text in UTF-8."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            break
    else:
        # JSON begins with ASCII: zeros beside it tell UTF-16 without a mark.
        name = {b"\x00": "utf-16-le", b"{": "utf-16-be"}.get(content[1:2], "") if b"\x00" in content[:2] else "utf-8"
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        name, text = "cp1252", content.decode("cp1252", "replace")
    if name != "utf-8":
        what = "begins with a byte order mark" if name == "utf-8-sig" else f"was not in UTF-8 but in {name.upper()}"
        warnings.append(Warning("repaired", f"The file {what}."))
    return text.encode("utf-8", "replace")


def _parsed(text: bytes, warnings: list[Warning]) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        broken = error
    except RecursionError:
        raise Unreadable("the file is nested too deeply") from None
    if b"<<<<<<<" in text:
        for side in ("first", "second"):
            try:
                parsed = json.loads(_side(text, side))
            except (ValueError, RecursionError):
                continue
            warnings.append(
                Warning("repaired", f"The file had marks of a merge conflict; of both versions the {side} was taken.")
            )
            return parsed
        raise Unreadable("the file has marks of a merge conflict, and neither version is a notebook")
    raise Unreadable(f"the file is no JSON ({broken})")


def _side(text: bytes, side: str) -> bytes:
    """The text without the marks of a merge, with one side of each conflict."""
    kept: list[bytes] = []
    part = ""
    for line in text.splitlines(keepends=True):
        if (mark := _CONFLICT_MARKS.get(line[:7])) is not None and (part or mark == "first"):
            part = mark
        elif part in ("", side):
            kept.append(line)
    return b"".join(kept)


def _upgraded(parsed: dict, warnings: list[Warning]) -> NotebookNode:
    """A notebook of the present format, with what its cells need."""
    try:
        node = nbformat.from_dict(parsed)
        node.setdefault("metadata", NotebookNode())
        if node.get("nbformat", 4) < 4 or "worksheets" in node:
            node = nbformat.convert(node, 4)
        node.nbformat, node.nbformat_minor = 4, 5
        cells = []
        for cell in node.get("cells", []):
            source = cell.get("source", "")
            text = _plain("".join(source) if isinstance(source, list) else str(source))
            kind = cell.get("cell_type", "code")
            make = getattr(nbformat.v4, f"new_{kind}_cell", nbformat.v4.new_raw_cell)
            new = make(text, metadata=_metadata(cell.get("metadata")))
            if isinstance(cell.get("id"), str) and re.fullmatch(r"[\w-]{1,64}", cell["id"]):
                new.id = cell["id"]
            if kind == "markdown" and (attachments := _attachments(cell.get("attachments"))):
                new.attachments = attachments
            cells.append(new)
        node.cells = cells
    except Exception as error:  # whatever a broken file makes of nbformat
        raise Unreadable(f"the file is no notebook ({type(error).__name__}: {error})") from None
    if not any(cell.cell_type == "code" or cell.source.strip() for cell in node.cells):
        raise Unreadable("the notebook has no cells")
    return node


def _metadata(given: object) -> dict:
    """A cell's metadata, without nbgrader's where they are none that nbgrader writes."""
    metadata = given if isinstance(given, dict) else {}
    nbgrader = metadata.get("nbgrader", {})
    if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id", ""), str):
        return metadata
    return {name: value for name, value in metadata.items() if name != "nbgrader"}


def _plain(text: str) -> str:
    """Text that can be written, with line ends as the course has them: halves of letters are replaced."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


def _attachments(given: object) -> dict[str, dict[str, str]]:
    """Pictures that are pasted into a text, without what is none of a notebook's format."""
    bundles = given.items() if isinstance(given, dict) else ()
    return {
        name: {mime: data for mime, data in bundle.items() if isinstance(data, str)}
        for name, bundle in bundles
        if isinstance(bundle, dict)
    }


def take_in(folder: Path, course: Course) -> tuple[dict[str, HandedIn], list[Warning]]:
    """The notebooks of a submission by the course's names, and what else is to be said of the files."""
    warnings: list[Warning] = []
    found = [
        HandedIn(str(path.relative_to(folder)))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix.lower() == ".ipynb"
        and not any(part.startswith(".") or part == "__MACOSX" for part in path.relative_to(folder).parts)
    ]
    for each in found:
        try:
            each.node = read_notebook((folder / each.file).read_bytes(), each.warnings)
        except (Unreadable, OSError) as error:
            each.reason = str(error)
        except Exception as error:  # whatever a file is, it costs nobody else's grading
            each.reason = f"the file cannot be read ({type(error).__name__}: {error})"
    taken: dict[str, HandedIn] = {}
    rest = list(found)
    for name in course.notebooks:
        exact = next((each for each in rest if each.file == f"{name}.ipynb"), None)
        if exact:
            taken[name] = exact
            rest.remove(exact)
    # A readable one under another name is better than none, or than one that cannot be read.
    for name, notebook in course.notebooks.items():
        if name in taken and taken[name].node is not None:
            continue
        best = max(
            (each for each in rest if each.node is not None),
            key=lambda each: _likeness(each, notebook),
            default=None,
        )
        if best and _likeness(best, notebook) >= 0.3 and _is_nearest(best, notebook, course):
            best.warnings.append(
                Warning("repaired", f"The notebook was handed in as {best.file}, not as {name}.ipynb.")
            )
            taken[name] = best
            rest.remove(best)
    for name in course.notebooks:
        if name not in taken:
            unread = next((each for each in rest if each.node is None), None)
            if unread and len(course.notebooks) == 1:
                taken[name] = unread
                rest.remove(unread)
    for each in rest:
        why = f": {each.reason}" if each.reason else ""
        warnings.append(Warning("other", f"{each.file} was not graded, as it is none of the unit's notebooks{why}."))
    return taken, warnings


def _likeness(handed_in: HandedIn, notebook: CourseNotebook) -> float:
    """How much of a course's notebook is there: the share of its cells that are known again."""
    assert handed_in.node is not None
    cells = handed_in.node.cells
    ids = {cell.get("id") for cell in cells}
    ids |= {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    texts = {cell.source.strip() for cell in cells}
    known = [cell for cell in notebook.cells if cell.id in ids or cell.released.strip() in texts]
    return len(known) / max(1, len(notebook.cells))


def _is_nearest(handed_in: HandedIn, notebook: CourseNotebook, course: Course) -> bool:
    return all(_likeness(handed_in, notebook) >= _likeness(handed_in, other) for other in course.notebooks.values())
