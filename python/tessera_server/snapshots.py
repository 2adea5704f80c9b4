"""Snapshots of a home's notebooks: taken when one is saved, and when a window of JupyterLab asks."""

import asyncio
import atexit
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tessera_kernel.temporary import temporary_folder
from tornado import web

# The installation's, as it was named at its set-up.
PROGRAM = Path(__file__).parents[2] / "tools" / "snapshot.sh"
SECONDS_BETWEEN = 600

# Windows tell each other by Jupyter's events which notebooks they have open.
open_notebooks_schema = {
    "$id": "https://tessera.invalid/open-notebooks",
    "version": "1",
    "title": "Notebooks open in windows of JupyterLab",
    "description": "A window has opened or closed a notebook, or answers that it has it open too.",
    "type": "object",
    "required": ["action", "path", "window"],
    "properties": {
        "action": {"enum": ["opened", "also", "closed"]},
        "path": {"type": "string"},
        "window": {"type": "string"},
    },
}


def home_of(path):
    """The home in which a notebook lies, by the folder in which a home keeps its records."""
    for folder in Path(path).parents:
        if (folder / ".tessera").is_dir():
            return folder
    return None


def is_due(home, path):
    """Whether a notebook's last snapshot is ten minutes old, or there is none."""
    folder = home / ".tessera" / "history" / Path(path).relative_to(home)
    try:
        return abs(time.time() - folder.stat().st_mtime) >= SECONDS_BETWEEN
    except OSError:
        return True


class Keeper:
    """Takes snapshots, one after the other and beside the server's work."""

    def __init__(self, log):
        self.log = log
        self.queue = ThreadPoolExecutor(1, "tessera-snapshots")
        self.replaced = {}  # for a notebook being saved, a copy of what it replaces
        self.copies = None  # the folder of these
        self.ends = ExitStack()
        atexit.register(self.ends.close)

    def before_save(self, model, path, contents_manager, **_):
        os_path = self.notebook_path(contents_manager, path)
        home = os_path and home_of(os_path)
        if not home or not is_due(home, os_path) or not os.path.isfile(os_path):
            return
        self.copies = self.copies or self.ends.enter_context(temporary_folder("snapshots"))
        file, copy = tempfile.mkstemp(dir=self.copies, suffix=".ipynb")
        os.close(file)
        shutil.copy2(os_path, copy)  # with its time: that of the state
        self.forget(self.replaced.get(os_path))
        self.replaced[os_path] = copy

    def after_save(self, os_path, model, contents_manager, **_):
        copy = self.replaced.pop(os_path, None)
        home = home_of(os_path) if os_path.endswith(".ipynb") else None
        if home and is_due(home, os_path):
            self.take(home, os_path, "save", replaced=copy)
        else:
            self.forget(copy)

    def take(self, home, os_path, reason, text=None, replaced=None):
        """Has a snapshot taken of a text, or of what lies there; returns the future of it."""
        return self.queue.submit(self.run, [str(home), str(os_path), reason], text, replaced)

    def run(self, arguments, text, replaced):
        try:
            given = "text" if text is not None else "file"
            result = subprocess.run(
                ["/bin/sh", str(PROGRAM), *arguments, given, *([replaced] if replaced else [])],
                input=text or "",
                capture_output=True,
                encoding="utf-8",
                timeout=60,
            )
            if result.returncode != 0:
                self.log.warning("No snapshot of %s: %s", arguments[1], result.stderr.strip())
            return result.returncode == 0
        except (OSError, subprocess.SubprocessError) as error:
            self.log.warning("No snapshot of %s: %s", arguments[1], error)
            return False
        finally:
            self.forget(replaced)

    @staticmethod
    def forget(copy):
        if copy and os.path.exists(copy):
            os.unlink(copy)

    @staticmethod
    def notebook_path(contents_manager, path):
        """Where a notebook lies on disk; None where it does not, or is none."""
        if not path.endswith(".ipynb") or not hasattr(contents_manager, "_get_os_path"):
            return None
        return contents_manager._get_os_path(path.strip("/"))


class SnapshotHandler(APIHandler):
    """POST {path, reason, content?}: takes a snapshot of what a window has, or of what is on disk."""

    auth_resource = "contents"

    def initialize(self, keeper):
        self.keeper = keeper

    @web.authenticated
    @authorized
    async def post(self):
        asked = self.get_json_body() or {}
        path, reason, content = (asked.get(key) for key in ("path", "reason", "content"))
        if not isinstance(path, str) or reason not in ("run-all", "window", "reload"):
            raise web.HTTPError(400, "A snapshot needs a notebook's path and a reason.")
        os_path = self.keeper.notebook_path(self.contents_manager, path)
        home = os_path and home_of(os_path)
        taken = False
        if home:
            taken = await asyncio.wrap_future(self.keeper.take(home, os_path, reason, content))
        self.finish({"taken": taken})
