"""Files that are there whole or not at all."""

import errno
import fcntl
import os
import uuid
from pathlib import Path

# As lib/platform/no_room.ts has it.
_NO_ROOM = {
    errno.EDQUOT: "your quota of this disk is used up",
    errno.ENOSPC: "the disk is full",
    errno.EFBIG: "the disk is full",
}


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file beside its place and moves it there once the disk has it; the old one stays till then.

    Raises an OSError whose text says what is missing. What a killed writer leaves, which is locked no more,
    is removed by the next one in that folder (lib/platform/files.ts).
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4()}.partial")
    try:
        with open(temporary, "xb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError:
                pass  # a place that knows no locks
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        no_room = _NO_ROOM.get(error.errno)
        reason = f"{no_room} ({_in_words(len(content))} are needed)" if no_room else error.strerror
        raise OSError(f"{path} was not written: {reason}. A file that was there before is unchanged.") from error


def _in_words(size: int) -> str:
    """As lib/platform/sizes.ts has it."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
