"""Sends a kernel what no client should, on every channel, and asks after each whether it still runs cells.

Says one JSON object: what was sent → whether a cell that came behind it had its value.
"""

import json
import sys
import time

import zmq
from driver import Kernel

DELIMITER = b"<IDS|MSG>"
REQUESTS = [
    "execute_request", "complete_request", "inspect_request", "history_request", "is_complete_request",
    "comm_info_request", "kernel_info_request", "tessera_cells_request", "connect_request", "nonsense_request",
    "comm_open", "comm_msg", "comm_close", "input_reply", "input_request", "status", "stream", "execute_reply",
]  # fmt: skip
CONTROL = ["debug_request", "kernel_info_request", "create_subshell_request", "nonsense", "input_reply"]
CONTENTS = {
    "nothing": {},
    "numbers": dict.fromkeys(
        "code cursor_pos comm_id target_name data value pattern hist_access_type start stop n status".split(), 7
    ),
    "nulls": dict.fromkeys("code cursor_pos comm_id target_name data value pattern start n".split()),
    "lists": dict.fromkeys("code cursor_pos comm_id target_name data value pattern start n detail_level".split(), [1]),
    "odd texts": {"code": "\ud800 \0 \x1b[31m", "cursor_pos": -5, "detail_level": -1, "comm_id": "\ud800",
                  "target_name": "x", "value": "\ud800", "pattern": "[", "data": {"a": {"b": [1]}}},
    "too far": {"code": "answer", "cursor_pos": 1e300, "hist_access_type": "range", "start": -9, "stop": "x", "n": "y"},
}  # fmt: skip


def parts_of(header, content, parent=b"{}", metadata=b"{}"):
    return [json.dumps(header).encode(), parent, metadata, content]


def raw_cases(session):
    """Frames that are no message, by name; `True` signs their parts as the client does."""
    header = session.msg_header("execute_request")
    header["date"] = str(header["date"])
    good = parts_of(header, b'{"code": "1"}')
    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "no frames of a message": ([b"x"], False),
        "nothing behind the delimiter": ([DELIMITER], False),
        "a wrong signature": ([DELIMITER, b"0" * 64, *good], False),
        "a signature that is no text": ([DELIMITER, b"\xff\x00", *good], False),
        "three parts": (good[:3], True),
        "no JSON": ([b"{", b"{", b"{", b"{"], True),
        "no UTF-8": ([*good[:3], b'{"code": "\xff"}'], True),
        "a list as content": (parts_of(header, b"[]"), True),
        "null as content": (parts_of(header, b"null"), True),
        "a header without a type": (parts_of({"msg_id": "a"}, b"{}"), True),
        "a header of numbers": (parts_of({"msg_id": 1, "msg_type": 2}, b"{}"), True),
        "a list as header": ([b"[]", b"{}", b"{}", b"{}"], True),
        "a list as parent": (parts_of(header, b'{"code": "1"}', parent=b"[1]"), True),
        "a text as metadata": (parts_of(header, b'{"code": "1"}', metadata=b'"x"'), True),
        "metadata of odd kinds": (
            parts_of(header, b'{"code": "1"}', metadata=b'{"cellId": [1], "tessera_follows": [2]}'), True
        ),
        "a date that is none": (parts_of({**header, "date": [1]}, b'{"code": "1"}'), True),
        "deep nesting": (parts_of(header, deep), True),
        "deep nesting within": (parts_of(header, b'{"code": "1", "more": ' + deep + b"}"), True),
        "a large one": (parts_of(header, b'{"code": "/*' + b"x" * 1_000_000 + b'*/ 1"}'), True),
    }  # fmt: skip


def main():
    kernel = Kernel({"JPY_SESSION_NAME": "test.ipynb"})
    session, found = kernel.client.session, {}

    def still_runs():
        [cell] = kernel.run(["6 * 7"], timeout=20)["cells"]
        return any(each.get("data", {}).get("text/plain") == "42" for each in cell["outputs"])

    def note(name):
        try:
            # What was sent may have failed as a cell, which ends those that wait behind it.
            found[name] = still_runs() or still_runs()
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"

    try:
        kernel.run(["const answer = 42;"])
        ports = kernel.manager.get_connection_info()
        stdin = zmq.Context.instance().socket(zmq.DEALER)
        stdin.connect(f"tcp://127.0.0.1:{ports['stdin_port']}")
        sockets = {
            "shell": kernel.client.shell_channel.socket,
            "control": kernel.client.control_channel.socket,
            "stdin": stdin,
        }
        for channel, socket in sockets.items():
            for name, (frames, is_signed) in raw_cases(session).items():
                if is_signed:
                    frames = [DELIMITER, session.sign(frames[:4]), *frames]
                socket.send_multipart(frames)
            note(f"{channel}: frames that are no message")
        for channel, types in (("shell", REQUESTS), ("control", CONTROL), ("stdin", ["input_reply", "nonsense"])):
            for kind in types:
                for content in CONTENTS.values():
                    header = {**session.msg_header(kind), "date": "2026-01-01T00:00:00Z"}
                    parts = parts_of(header, json.dumps(content).encode())  # in ASCII, surrogates and all
                    sockets[channel].send_multipart([DELIMITER, session.sign(parts), *parts])
                note(f"{channel}: {kind}")
    finally:
        kernel.end()
    print(json.dumps(found))


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"{time.monotonic() - begun:.1f} s", file=sys.stderr)
