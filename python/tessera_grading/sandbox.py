"""Starts the kernel of a submission that is being graded: sandbox.py DENO CONNECTION_FILE, or --why-not.

`tools/kernel.sh` calls it in place of the door where nbgrader grades. It starts the door, in the sandbox where
there can be one, and watches from outside what all that was started uses; beyond a limit it ends it. What it
found lies beside the connection file in `usage.json`, for the client.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from . import bubblewrap
from .limits import Limits
from .usage import end_tree, usage_of

_DOOR = Path(__file__).resolve().parents[1] / "tessera_kernel" / "__main__.py"
POLL_S = 0.2
NOTE_S = 1.0


def main() -> int:
    program, connection_file = sys.argv[1], Path(sys.argv[2])
    limits = Limits.from_environment()
    connection = json.loads(connection_file.read_text())
    environment = dict(os.environ)
    # The door would take this number for a process of its own space.
    environment.pop("JPY_PARENT_PID", None)
    environment["TESSERA_HEADLESS"] = "1"
    python = Path(program).parent / "python"
    door = [str(python), "-P", "-S", str(_DOOR)]
    folder = connection_file.parent
    files = Path(environment.pop("TESSERA_GRADING_FILES", os.getcwd()))
    unit = environment.pop("TESSERA_GRADING_UNIT", "unit")
    why_not = bubblewrap.why_not() if connection["transport"] == "ipc" else "the client speaks TCP"
    if why_not is None:
        places = bubblewrap.Places(folder, files, unit, limits.disk_bytes)
        within = json.dumps(bubblewrap.inner(places))
        command = [*bubblewrap.outer(places, environment), *door, program, str(connection_file), within]
    else:
        print(f"tessera: graded without a sandbox: {why_not}.", file=sys.stderr)
        command = [*door, program, str(connection_file)]
    parent = os.getppid()
    child = subprocess.Popen(command, cwd=files, env=environment, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: end_tree(psutil.Process(child.pid)))
    reason = _watch(child, limits, folder / "usage.json", parent)
    if reason:
        return 1
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _watch(child: "subprocess.Popen[bytes]", limits: Limits, report: Path, parent: int) -> str | None:
    """Until the child ends; returns which limit it was ended for."""
    root = psutil.Process(child.pid)
    found = {"peakBytes": 0, "processorSeconds": 0.0, "ended": None}
    next_note = 0.0
    reason = None
    while child.poll() is None:
        used = usage_of(root)
        found["peakBytes"] = max(found["peakBytes"], used.private_bytes)
        # What has ended meanwhile no longer tells of its time.
        found["processorSeconds"] = max(found["processorSeconds"], round(used.processor_s, 2))
        reason = limits.passed_by(used)
        if reason or os.getppid() != parent:
            end_tree(root)
            child.wait()
            break
        if time.monotonic() > next_note:
            _write(report, found)
            next_note = time.monotonic() + NOTE_S
        time.sleep(POLL_S)
    found["ended"] = reason
    _write(report, found)
    return reason


def _write(report: Path, found: dict[str, Any]) -> None:
    try:
        new = report.with_suffix(".new")
        new.write_text(json.dumps(found))
        new.replace(report)
    except OSError:
        pass  # the client has gone, and its folder with it


if __name__ == "__main__":
    if sys.argv[1:] == ["--why-not"]:  # for those who want to know whether there will be one
        print(bubblewrap.why_not() or "")
    else:
        sys.exit(main())
