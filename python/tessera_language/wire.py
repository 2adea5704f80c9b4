"""Messages of the language server protocol on the wire: JSON behind its length."""

import asyncio
import json
from typing import Any

Json = dict[str, Any]


def pack(message: Json) -> bytes:
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def read(reader: asyncio.StreamReader) -> Json | None:
    """The next message; None where there are no more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return dict(json.loads(await reader.readexactly(length)))
    except (asyncio.IncompleteReadError, ConnectionError, ValueError, StopIteration):
        return None
