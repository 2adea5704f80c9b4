"""Launches Deno's kernel. It imports little, so that the rest of the door loads while Deno starts."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys

Connection = dict[str, "str | int"]

# Deno's reader of TypeScript needs as much stack as code is deep, and at its end the process ends; 8 MB, the
# usual limit, do for a sum of 10,000 terms.
STACK_BYTES = 64 << 20

CHANNELS = ("shell", "control", "stdin", "iopub", "hb")


class Launched:
    """The process, and the ends of its pipes that the door holds: to read outputs from, to answer by.

    Where nbgrader grades there is a third pipe, with a secret of this run, by which the library's checks sign
    what they found (`inside/seal.ts`). It is read before any cell runs.
    """

    def __init__(self, command: list[str]) -> None:
        self.folder = _private_folder()
        # The key is one that only the door's connection knows.
        ports = {f"{name}_port": port for name, port in zip(CHANNELS, _free_ports(len(CHANNELS)))}
        self.connection: Connection = {
            "transport": "tcp",
            "ip": "127.0.0.1",
            "key": os.urandom(32).hex(),
            "signature_scheme": "hmac-sha256",
            **ports,
        }
        file = os.path.join(self.folder, "connection.json")
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            json.dump(self.connection, opened)
        self.outputs, outputs_write = os.pipe()
        answers_read, self.answers = os.pipe()
        # What Deno calls the other ends.
        self.descriptors = {"outputs": outputs_write, "answers": answers_read}
        self.secret: bytes | None = None
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            self.secret = os.urandom(32)
            self.descriptors["secret"], secret_write = os.pipe()
            os.write(secret_write, self.secret)
            os.close(secret_write)
        self.process = subprocess.Popen(
            [*command, "jupyter", "--kernel", "--conn", file],
            stderr=subprocess.PIPE,
            pass_fds=list(self.descriptors.values()),
            preexec_fn=_prepare,
        )
        for descriptor in self.descriptors.values():
            os.close(descriptor)

    def forget_connection(self) -> None:
        """Once Deno has read its connection file."""
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        self.process.kill()
        self.forget_connection()


def _prepare() -> None:
    # Stop's signal goes to the whole group; the door tells Deno what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft != resource.RLIM_INFINITY and soft < STACK_BYTES:
        more = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_STACK, (more, hard))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it ends with the door


def _private_folder() -> str:
    for base in (os.environ.get("TMPDIR"), "/tmp", "/var/tmp", os.getcwd()):
        if base and os.access(base, os.W_OK | os.X_OK):
            folder = os.path.join(base, f"tessera-kernel-{os.urandom(6).hex()}")
            os.mkdir(folder, 0o700)
            return folder
    sys.exit("tessera: there is no folder for temporary files.")


def _free_ports(count: int) -> list[int]:
    """Below those that systems give out by themselves: Jupyter has taken its ports of these, not yet bound."""
    ports: list[int] = []
    while len(ports) < count:
        port = 10_000 + int.from_bytes(os.urandom(2), "big") % 22_000
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports
