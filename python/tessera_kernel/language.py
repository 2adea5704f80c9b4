"""What stands at a place of a cell (Shift-Tab): the language service knows it, and Deno's kernel does not."""

import asyncio
import os
import re

from tessera_language.wire import pack, read

from .messages import Json

# How long somebody who has pressed the keys waits.
LIMIT_S = 0.3


async def inspected(code: str, cursor: int) -> Json:
    """The content of a reply to an `inspect_request`; nothing is found where the service does not run."""
    try:
        markdown = await asyncio.wait_for(_ask(code, cursor), LIMIT_S)
    except (OSError, TimeoutError):
        markdown = None
    plain = re.sub(r"^```.*\n?", "", markdown or "", flags=re.MULTILINE).strip()
    data = {"text/markdown": markdown, "text/plain": plain} if markdown else {}
    return {"status": "ok", "found": bool(markdown), "data": data, "metadata": {}}


async def _ask(code: str, cursor: int) -> str | None:
    socket = os.environ.get("TESSERA_LANGUAGE_SOCKET")
    if not socket:
        return None
    reader, writer = await asyncio.open_unix_connection(socket, limit=1 << 24)
    try:
        # Jupyter's server names the notebook that it starts a kernel for.
        question = {"code": code, "cursor": cursor, "notebook": os.environ.get("JPY_SESSION_NAME")}
        writer.write(pack({"jsonrpc": "2.0", "id": 1, "method": "tessera/inspect", "params": question}))
        while message := await read(reader):
            if message.get("id") == 1:
                return message.get("result") or None
        return None
    finally:
        writer.close()
