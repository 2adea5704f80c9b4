"""The sandbox: what a submission's kernel sees of the machine, as arguments of Debian's `bubblewrap`.

Two of them, one in the other. The outer one has no network, a home and a /tmp of its own in memory, the
system's programs, and of the installation what the library needs, all that to be read only; the kernel's door
runs in it. The inner one is a second space of processes, in which Deno runs: what its cells do sees neither
the door nor the sockets on which the door answers the client outside.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INSTALLATION = Path(__file__).resolve().parents[2]
# What the library needs of the installation. Not there: the authors' notebooks, hand-ins, the gradebook.
_PARTS = (
    *("lib", "python", "tools", "playground", "checkpoints", "data"),
    *("deno.json", "deno.lock", "import_map.json", ".venv", ".deno"),
)
_SYSTEM = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime"),
    *("passwd", "group", "nsswitch.conf", "hosts"),
)
# The variables that a kernel keeps; whoever grades may have secrets in others.
_VARIABLES = (
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "PATH", "GLIBC_TUNABLES"),
    *("DENO_DIR", "DENO_NO_UPDATE_CHECK", "DENO_NO_PACKAGE_JSON", "NBGRADER_EXECUTION"),
)
_VARIABLES_BEGIN = ("TESSERA_", "TF_", "OMP_", "ONEDNN_", "CUDA_", "NVIDIA_")
# Where the learner's folder is, in the sandbox.
HOME = "/home/learner"
# A card's devices; under Windows there is one for all.
_CARDS = sorted([*Path("/dev").glob("nvidia*"), *Path("/dev").glob("dxg")])
_LITTLE = 65536  # bytes of a folder into which nothing is written


@dataclass
class Places:
    """`door` holds the client's sockets, `home` the files that lie beside the notebook."""

    door: Path
    home: Path
    unit: str
    disk_bytes: int


@cache
def why_not() -> str | None:
    """Why there can be no sandbox here; None where there can be one. Tried out, as nothing else tells."""
    program = shutil.which("bwrap")
    if program is None:
        where = "there is none for macOS" if sys.platform == "darwin" else "Debian's package is called bubblewrap"
        return f"bubblewrap is not installed ({where})"
    inner = [program, *_inner(["--dev", "/dev"])]
    try:
        tried = subprocess.run(
            [program, *_isolation(), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
            + [*_memory("/tmp", _LITTLE), "--remount-ro", "/", *inner, "true"],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work here: {error}"
    if tried.returncode == 0:
        return None
    said = tried.stderr.strip().splitlines()
    return f"bubblewrap does not work here, as in most containers ({said[-1] if said else 'it says nothing'})"


def outer(places: Places, environment: dict[str, str]) -> list[str]:
    """The command that the door is to be started with."""
    arguments = [_program(), *_isolation(), "--clearenv"]
    for name, value in environment.items():
        if name in _VARIABLES or name.startswith(_VARIABLES_BEGIN):
            arguments += ["--setenv", name, value]
    arguments += ["--setenv", "HOME", HOME, *_devices(places), "--proc", "/proc"]
    arguments += _system()
    arguments += [*_memory("/tmp", places.disk_bytes), *_memory(HOME, places.disk_bytes)]
    folder = f"{HOME}/{places.unit}"
    arguments += ["--dir", folder]
    for path in sorted(places.home.iterdir()):
        arguments += ["--ro-bind", str(path), f"{folder}/{path.name}"]
    for path in _readable(environment):
        # A link, as data/ may be one, is followed: what it leads to is bound under its own name.
        arguments += ["--ro-bind", str(path.resolve()), str(path)]
    arguments += ["--bind", str(places.door), str(places.door)]
    # What holds all these places is memory too, and without a limit: nothing is to be written there.
    return [*arguments, "--remount-ro", "/", "--chdir", folder]


def inner(places: Places) -> list[str]:
    """The command that Deno is to be started with, in the outer one."""
    door = str(places.door)
    return [_program(), *_inner([*_devices(places), *_memory(door, _LITTLE), "--remount-ro", door])]


def _inner(places: list[str]) -> list[str]:
    # Not `--unshare-user`: bubblewrap does so by itself where it has to, and where root asks for it a second
    # time the system refuses a new /proc.
    return [
        *("--unshare-pid", "--unshare-ipc", "--die-with-parent"),
        *("--bind", "/", "/", *places, "--proc", "/proc"),
    ]


def _memory(folder: str, size: int) -> list[str]:
    """A folder in memory, for so many bytes."""
    return ["--size", str(size), "--tmpfs", folder]


def _devices(places: Places) -> list[str]:
    arguments = ["--dev", "/dev", *_memory("/dev/shm", places.disk_bytes)]
    for device in _CARDS:
        arguments += ["--dev-bind", str(device), str(device)]
    return [*arguments, "--remount-ro", "/dev"]


def _isolation() -> list[str]:
    return ["--unshare-user", "--unshare-all", "--die-with-parent", "--hostname", "tessera"]


def _program() -> str:
    return shutil.which("bwrap") or "bwrap"


def _system() -> list[str]:
    """The system's programs and libraries, where this one has them."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in _SYSTEM:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    if _CARDS:
        arguments += ["--ro-bind-try", "/sys", "/sys"]
    return arguments


def _readable(environment: dict[str, str]) -> list[Path]:
    paths = [INSTALLATION / part for part in _PARTS]
    # Another's libraries for a card, which the set-up has linked (`tools/cuda_libraries.sh`).
    links = INSTALLATION.glob(".venv/lib/python3*/site-packages/nvidia/*")
    paths += sorted(link.resolve() for link in links if link.is_symlink())
    if given := environment.get("TESSERA_DATA"):
        paths.append(Path(given).absolute())
    base = Path(sys.base_prefix).resolve()
    if not base.is_relative_to("/usr"):
        paths.append(base)
    return [path for path in paths if path.exists()]
