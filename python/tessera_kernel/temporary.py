"""Folders for what is thrown away, as `tools/temporary_folder.ts` makes them: one that a program has left which was
killed is locked no more, and goes at the next use."""

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

_SUFFIX = ".temporary"


@contextmanager
def temporary_folder(name):
    """A folder of its own, with a name in it that says what it is for, until the end of the block."""
    prefix = f"tessera-{name}-"
    folder, lock = _make_locked(prefix)
    try:
        _remove_left_overs(folder.parent, prefix)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make_locked(prefix):
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=_SUFFIX))
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # somebody took it for a killed program's
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody takes it for one
            os.close(lock)
            continue
        except OSError:
            return folder, lock  # a place that knows no locks
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), folder.stat()):
                return folder, lock
        os.close(lock)


def _remove_left_overs(place, prefix):
    for path in place.glob(f"{prefix}*{_SUFFIX}"):
        with suppress(OSError):  # it belongs to somebody else, has just gone, or is in use
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(lock)
