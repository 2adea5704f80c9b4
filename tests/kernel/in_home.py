"""A kernel in a home: it stops, tells errors, prints 20,000 lines, and leaves no process and no file behind."""

import os
import time
from pathlib import Path
from tempfile import gettempdir

from driver import Kernel

LINES = 20_000
ENDED_S = 120  # a machine may have much else to do


def main():
    files, before = own_files(), own_processes()
    kernel = Kernel({"JPY_SESSION_NAME": "test.ipynb"})
    try:
        stopped = run(kernel, "let kept = 1;\nwhile (true) { kept++; }", stops=[1])
        assert stopped["reply"]["ename"] == "Stopped", stopped
        library = run(kernel, 'import { Linear } from "tessera";\n[typeof Linear, kept > 1].join()')
        assert "function,true" in library["outputs"][-1]["data"]["text/plain"], library
        failed = run(kernel, "const label: number = 3;\nlabels.push(label);")
        assert "→ 2 | labels.push(label);" in "\n".join(failed["reply"]["traceback"]), failed
        ended, behind = kernel.run(["Deno.exit();", "kept = 0;"])["cells"]
        assert "would end the kernel" in ended["reply"]["evalue"], ended
        assert behind["reply"]["status"] == "aborted", behind
        printed = run(kernel, f"for (let i = 0; i < {LINES}; i++) console.log(i);")
        text = "".join(output["text"] for output in printed["outputs"] if output["type"] == "stream")
        assert text == "".join(f"{line}\n" for line in range(LINES)), len(text)
        assert own_processes() - before, "no kernel is seen, nor would one be that is left"
    finally:
        kernel.end()
    deadline = time.monotonic() + ENDED_S
    while (left := own_processes() - before) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, left
    assert own_files() == files, own_files() ^ files


def run(kernel, code, **more):
    return kernel.run([code], **more)["cells"][0]


def own_processes():
    """What runs in this folder."""
    here, found = os.getcwd(), set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if os.readlink(process / "cwd") == here:
                    found.add((process.name, (process / "cmdline").read_text().replace("\0", " ")))
            except OSError:
                pass  # another's, or one that has just ended
    return found


def own_files():
    """The files in this folder, and what is the user's among the temporary ones."""
    here = {str(path) for path in Path.cwd().rglob("*")}
    user = os.getuid()
    with os.scandir(gettempdir()) as entries:
        return here | {entry.path for entry in entries if user and owner(entry) == user}


def owner(entry):
    """Whose it is; None where it has just gone: other programs make and remove temporary files, too."""
    try:
        return entry.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    main()
