"""The library's pages for the Help menu: made by `./tessera docs` when they are asked for, then served."""

from pathlib import Path

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .program import call


def docs_folder(manager):
    """Where the pages lie, in the home that the server shows."""
    return Path(manager.root_dir) / "out" / "docs"


class DocsHandler(JupyterHandler):
    """GET: makes the pages where they are missing or of another library, and leads to the first."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def get(self):
        home = Path(self.contents_manager.root_dir)
        code, said = await call(home, "docs")
        if code != 0:
            raise web.HTTPError(500, said)
        self.redirect(self.request.path.rstrip("/") + "/index.html")


class PageHandler(JupyterHandler, web.StaticFileHandler):
    """One page or what it needs. Scripts are the pages' own, and reach nothing."""

    auth_resource = "contents"

    @property
    def content_security_policy(self):
        return "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'none'"

    @web.authenticated
    @authorized
    def head(self, path):
        return web.StaticFileHandler.get(self, path, include_body=False)

    @web.authenticated
    @authorized
    def get(self, path, include_body=True):
        return web.StaticFileHandler.get(self, path, include_body)

    def compute_etag(self):
        return web.StaticFileHandler.compute_etag(self)
