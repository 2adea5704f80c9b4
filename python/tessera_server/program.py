"""The installation's `./tessera`, called for whoever asks JupyterLab's server."""

import asyncio
import os
from pathlib import Path

# The installation's, as it was named at its set-up.
PROGRAM = Path(__file__).parents[2] / "tessera"


async def call(home, *arguments):
    """Runs a command in a home to its end: the exit code, and what it said."""
    child = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        *arguments,
        cwd=home,
        env={**os.environ, "TESSERA_HOME": str(home), "NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    return child.returncode, said.decode(errors="replace").strip()
