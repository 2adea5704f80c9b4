"""Several windows of JupyterLab before one language server: each hears the answers to its own questions.

jupyter-lsp passes whatever the server says to all windows, and each of them counts its questions from 0: one
would take another's answer for its own.
"""

import json
from itertools import count

from jupyter_lsp import LanguageServerManager, serverextension


class Windows(LanguageServerManager):
    """Numbers questions anew on their way to the server, and gives an answer to the window that asked."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._numbers = count()
        # Who has asked, and by which number of its own.
        self._asked = {}

    async def on_client_message(self, message, handler):
        content = json.loads(message)
        if "method" in content and content.get("id") is not None:
            number = next(self._numbers)
            self._asked[number] = handler, content["id"]
            message = json.dumps({**content, "id": number}, ensure_ascii=False)
        await super().on_client_message(message, handler)

    async def on_server_message(self, message, session):
        content = json.loads(message)
        if "method" in content or content.get("id") not in self._asked:
            return await super().on_server_message(message, session)
        handler, id = self._asked.pop(content["id"])
        if handler in session.handlers:
            handler.write_message(json.dumps({**content, "id": id}, ensure_ascii=False))


def tell_windows_apart():
    """Called before jupyter-lsp makes its manager, whose class is not a setting."""
    serverextension.LanguageServerManager = Windows
