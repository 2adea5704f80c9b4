"""nbgrader's `collect` from the exchange, as learners may lay there what they like.

nbgrader follows links with the rights of the person who collects: one that leads to the solutions, or to another's
submission, would be graded as the learner's own. And one submission that cannot be copied ends it for the whole class.
"""

import glob
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect


class TesseraCollect(ExchangeCollect):
    """Takes files and folders alone; what cannot be copied is told of, and the others are collected."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        try:
            if os.path.islink(src):
                raise OSError("it is a link")
            left_out = _links_and_pipes(src)
            for path in left_out:
                self.log.warning("Left out, as it is no file: %s", path)
            # The copy that nbgrader makes, of what is left.
            ignore = self.coursedir.ignore
            self.coursedir.ignore = [*ignore, *{glob.escape(path.name) for path in left_out}]
            try:
                super().do_copy(src, dest, log)
            finally:
                self.coursedir.ignore = ignore
        except (OSError, RuntimeError, shutil.Error) as error:
            shutil.rmtree(dest, ignore_errors=True)
            self.log.error("NOT collected: %s: %s", src, error)


def _links_and_pipes(folder: str) -> list[Path]:
    """All below a folder that is neither a file nor a folder by itself."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            mode = os.lstat(os.path.join(place, name)).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                found.append(Path(place, name))
    return found
