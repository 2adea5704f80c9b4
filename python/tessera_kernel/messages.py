"""Jupyter's messages on the wire: frames, signatures, headers."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

DELIMITER = b"<IDS|MSG>"
PROTOCOL = "5.3"

Json = dict[str, Any]


def encode(value: object) -> bytes:
    # Lone surrogates, which JavaScript's strings may hold, are no UTF-8.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _object(text: bytes) -> Json:
    try:
        value = json.loads(text)
    except RecursionError:
        value = None
    if not isinstance(value, dict):
        raise ValueError("a message with a part that is no object")
    return value


@dataclass
class Message:
    """One message; `content` is read when it is first asked for."""

    identities: list[bytes]
    header: Json
    parent: Json
    metadata: bytes
    raw_content: bytes
    buffers: list[bytes] = field(default_factory=list)

    @property
    def type(self) -> str:
        return str(self.header["msg_type"])

    @property
    def id(self) -> str:
        return str(self.header["msg_id"])

    @cached_property
    def content(self) -> Json:
        return _object(self.raw_content)

    @cached_property
    def details(self) -> Json:
        """The metadata, in which a front end says what the protocol has no field for."""
        return _object(self.metadata)

    def text(self, name: str) -> str:
        """A text of the content; empty where there is none."""
        value = self.content.get(name)
        # Lone surrogates, which JSON may hold, are no UTF-8.
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""

    @property
    def cursor(self) -> int:
        """The cursor's place in the content's code, in characters; behind it, where there is none."""
        last, place = len(self.text("code")), self.content.get("cursor_pos")
        return min(max(place, 0), last) if isinstance(place, int) else last


class Wire:
    """Packs and unpacks the messages of one connection, which its key signs."""

    def __init__(self, key: str) -> None:
        self._mac = hmac.new(key.encode(), digestmod=hashlib.sha256) if key else None
        self._session = uuid.uuid4().hex

    def unpack(self, frames: list[bytes]) -> Message:
        """Raises ValueError for what is no message, or is signed by somebody else."""
        at = frames.index(DELIMITER)
        signature, *parts = frames[at + 1 : at + 6]
        if len(parts) != 4:
            raise ValueError("a message has four parts")
        if not hmac.compare_digest(signature, self._sign(parts)):
            raise ValueError("a message with a wrong signature")
        header, parent, metadata, content = parts
        message = Message(frames[:at], _object(header), _object(parent), metadata, content, frames[at + 6 :])
        if not all(isinstance(message.header.get(name), str) for name in ("msg_type", "msg_id")):
            raise ValueError("a message without its type or its number")
        return message

    def pack(self, message: Message) -> list[bytes]:
        parts = [
            encode(message.header),
            encode(message.parent),
            message.metadata,
            message.raw_content,
        ]
        return [*message.identities, DELIMITER, self._sign(parts), *parts, *message.buffers]

    def make(
        self,
        type: str,
        content: Json | bytes,
        parent: Json | None = None,
        identities: list[bytes] | None = None,
        metadata: bytes = b"{}",
    ) -> Message:
        header = {
            "msg_id": uuid.uuid4().hex,
            "session": self._session,
            "username": "kernel",
            "date": datetime.now(timezone.utc).isoformat(),
            "msg_type": type,
            "version": PROTOCOL,
        }
        raw = content if isinstance(content, bytes) else encode(content)
        return Message(identities or [], header, parent or {}, metadata, raw)

    def _sign(self, parts: list[bytes]) -> bytes:
        if self._mac is None:
            return b""
        mac = self._mac.copy()
        for part in parts:
            mac.update(part)
        return mac.hexdigest().encode()
