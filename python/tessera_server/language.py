"""Help while one types: lets JupyterLab know the language server, and all else its socket."""

import os
import sys
import tempfile
from pathlib import Path

from .windows import tell_windows_apart

RELAY = Path(__file__).parents[1] / "tessera_language" / "__main__.py"
# Settings of JupyterLab for those who do without.
WITHOUT = Path(__file__).parents[1] / "without_language_server"


def is_wanted():
    given = os.environ.get("TESSERA_LANGUAGE_SERVER", "").strip().lower()
    return given not in ("0", "no", "false", "off")


def offer_language_server(app):
    """Called before jupyter-lsp's own extension is loaded, which reads the setting."""
    servers = app.config.LanguageServerManager
    # Looks for no others; that would call npm, which writes to the user's home.
    servers.autodetect = False
    if not is_wanted():
        path = [str(WITHOUT), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path)
        return
    tell_windows_apart()
    # A socket's path must be short, so it is not in the home; who asks first makes the folder.
    folder = f"tessera-language-{os.urandom(6).hex()}"
    os.environ["TESSERA_LANGUAGE_SOCKET"] = os.path.join(tempfile.gettempdir(), folder, "socket")
    servers.language_servers = {
        "deno": {
            "version": 2,
            "display_name": "TypeScript",
            "argv": [sys.executable, "-P", "-S", str(RELAY)],
            "languages": ["typescript", "javascript", "x.typescript"],
            "mime_types": ["text/x.typescript", "text/typescript", "text/javascript"],
            # Else jupyter-lsp would write copies of notebooks into the home.
            "requires_documents_on_disk": False,
        }
    }
