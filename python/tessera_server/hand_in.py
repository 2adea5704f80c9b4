"""Handing in from JupyterLab: what `./tessera hand-in` does, and says."""

import json
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from .program import call
from .snapshots import home_of


class HandInHandler(APIHandler):
    """GET ?path=NOTEBOOK: the unit, and who handed in last. POST {path, owner}: makes the hand-in."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def get(self):
        home, unit = self.unit_of(self.get_query_argument("path"))
        try:
            last = json.loads((home / ".tessera" / "hand-in.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = {}
        group = last.get("group")
        self.finish({"unit": unit, "last": f"group {group}" if group else last.get("as", "")})

    @web.authenticated
    @authorized
    async def post(self):
        asked = self.get_json_body() or {}
        home, unit = self.unit_of(asked.get("path"))
        owner = asked.get("owner")
        if not isinstance(owner, str) or not owner.strip():
            raise web.HTTPError(400, "A hand-in needs a name.")
        owner = owner.strip()
        option = "--group" if owner.lower().startswith("group") else "--as"
        code, said = await call(home, "hand-in", unit, f"{option}={owner}")
        lines = said.splitlines()
        archive = None
        if code == 0 and lines:
            made = home / lines.pop().rsplit(": ", 1)[-1]
            archive = self.contents_path(made)
        self.finish({"code": code, "lines": lines, "archive": archive})

    def unit_of(self, path):
        """The home and the unit's folder in which a notebook of the server's lies."""
        manager = self.contents_manager
        if not isinstance(path, str) or not hasattr(manager, "_get_os_path"):
            raise web.HTTPError(400, "A hand-in needs a notebook on disk.")
        os_path = Path(manager._get_os_path(path.strip("/")))
        home = home_of(os_path)
        parts = os_path.relative_to(home).parts if home else ()
        if len(parts) < 2:
            raise web.HTTPError(400, "Open a notebook of the unit that you hand in.")
        return home, parts[0]

    def contents_path(self, os_path):
        """A file's path as the server names it; None where it does not show it."""
        root = Path(self.contents_manager.root_dir).resolve()
        made = os_path.resolve()
        return str(made.relative_to(root)) if made.is_relative_to(root) and made.exists() else None
