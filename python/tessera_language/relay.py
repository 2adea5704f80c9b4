"""What jupyter-lsp starts: passes JupyterLab's questions on to the language service, and starts that.

The service is started by the first question or the first letter that is typed, not by a notebook that is
opened. It may end while this goes on, when nobody has asked for long or when it was killed: so this keeps what
is open, and tells it to the next one.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from .wire import Json, pack, read

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "language.sh"
CAPABILITIES = json.loads(Path(__file__).with_name("capabilities.json").read_text())
# How long the service may take to listen, on a machine that is busy.
START_S = 60.0
# A service that ends sooner than this is not started again at once.
SHORT_LIFE_S = 10.0
REST_S = 60.0
DOCUMENTS = "textDocument/did"


class Relay:
    """`socket` is where the service listens, `server` the process that it lives as long as."""

    def __init__(self, socket: str, server: int, out: asyncio.StreamWriter) -> None:
        self._socket, self._server, self._out = socket, server, out
        self._folder: str | None = None
        self._documents: dict[str, Json] = {}
        # What the service has not answered yet, and what an earlier one did not either.
        self._asked: dict[int | str, Json] = {}
        self._asked_twice: set[int | str] = set()
        self._waking = asyncio.Lock()
        self._service: asyncio.StreamWriter | None = None
        self._woken_at = -SHORT_LIFE_S
        self._rests_until = 0.0

    async def run(self, client: asyncio.StreamReader) -> None:
        while message := await read(client):
            await self._take(message)

    async def _take(self, message: Json) -> None:
        method, id = message.get("method"), message.get("id")
        params = message.get("params") or {}
        if method is None:
            return  # an answer, and nothing is asked of the client
        if method == "initialize":
            self._folder = params.get("rootUri")
            result = {"capabilities": CAPABILITIES, "serverInfo": {"name": "tessera"}}
            self._tell({"jsonrpc": "2.0", "id": id, "result": result})
        elif method.startswith(DOCUMENTS):
            if self._note(method.removeprefix(DOCUMENTS), params):
                await self._pass_on(message)
        elif id is None:
            pass  # settings, which the service knows
        elif method.startswith("textDocument/") or method == "completionItem/resolve":
            await self._pass_on(message)
        else:
            self._tell({"jsonrpc": "2.0", "id": id, "result": None})

    def _note(self, what: str, params: Json) -> bool:
        """Keeps what is open; gives whether the service is to hear of it, and be started for it."""
        document = params.get("textDocument", {})
        uri = document.get("uri")
        if what == "Close":
            self._documents.pop(uri, None)
            return self._service is not None
        if what == "Open":
            self._documents[uri] = document
            return self._service is not None
        if what == "Change" and params.get("contentChanges"):
            known = self._documents.setdefault(uri, {"uri": uri, "text": ""})
            text = params["contentChanges"][-1].get("text", "")
            changed, known["text"] = known["text"] != text, text
            return changed
        return False

    async def _pass_on(self, message: Json) -> None:
        id = message.get("id")
        async with self._waking:
            if self._service is None and not await self._wake():
                if id is not None:
                    self._answer_nothing(id)
                return
            if id is not None:
                self._asked[id] = message
            self._service.write(pack(message))

    def _answer_nothing(self, id: int | str) -> None:
        self._asked_twice.discard(id)
        self._tell({"jsonrpc": "2.0", "id": id, "result": None})

    async def _wake(self) -> bool:
        """Connects to the service, which is started where there is none; gives whether that went well."""
        now = time.monotonic()
        if now < self._rests_until:
            return False
        if now - self._woken_at < SHORT_LIFE_S:
            self._rests_until = now + REST_S
        self._woken_at = now
        try:
            reader, writer = await self._connect()
        except OSError as error:
            print(f"tessera: no help while typing: {error}", file=sys.stderr)
            self._rests_until = now + REST_S
            return False
        self._service = writer
        begin = {"folder": self._folder, "documents": list(self._documents.values())}
        writer.write(pack({"jsonrpc": "2.0", "method": "tessera/begin", "params": begin}))
        asyncio.create_task(self._listen(reader))
        return True

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        limit = 1 << 26
        try:
            return await asyncio.open_unix_connection(self._socket, limit=limit)
        except OSError:
            pass  # there is none
        folder = os.path.dirname(self._socket)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        owner = os.lstat(folder)
        if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
            raise PermissionError(f"{folder} is open to others")
        if os.path.exists(self._socket):
            os.unlink(self._socket)
        started = subprocess.Popen(
            ["/bin/sh", str(PROGRAM), self._socket, str(self._server)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + START_S
        while True:
            try:
                return await asyncio.open_unix_connection(self._socket, limit=limit)
            except OSError:
                if started.poll() is not None or time.monotonic() > end:
                    raise
            await asyncio.sleep(0.02)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while message := await read(reader):
            if message.get("method") is None:
                self._asked.pop(message.get("id"), None)
                self._asked_twice.discard(message.get("id"))
            self._tell(message)
        # It has ended: what it was asked is asked once more, of the next one.
        self._service.close()
        self._service = None
        asked, self._asked = self._asked, {}
        for id, message in asked.items():
            if id in self._asked_twice:
                self._answer_nothing(id)
            else:
                self._asked_twice.add(id)
                await self._pass_on(message)

    def _tell(self, message: Json) -> None:
        self._out.write(pack(message))


async def main() -> None:
    socket = os.environ.get("TESSERA_LANGUAGE_SOCKET")
    if not socket:
        sys.exit("usage: TESSERA_LANGUAGE_SOCKET names the language service's socket")
    loop = asyncio.get_running_loop()
    client = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(client), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout.buffer
    )
    out = asyncio.StreamWriter(transport, protocol, None, loop)
    await Relay(socket, os.getppid(), out).run(client)
