"""How much a submission may take; each by an environment variable, as `./tessera grade` sets them."""

import os
from dataclasses import dataclass

from .usage import Usage

GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    cell_s: float = 600
    submission_s: float = 2400
    memory_bytes: int = 4 * GIB
    processes: int = 64
    disk_bytes: int = GIB

    @classmethod
    def from_environment(cls) -> "Limits":
        return cls(
            cell_s=_number("TESSERA_LIMIT_CELL", cls.cell_s),
            submission_s=_number("TESSERA_LIMIT_SUBMISSION", cls.submission_s),
            memory_bytes=int(_number("TESSERA_LIMIT_MEMORY", cls.memory_bytes / GIB) * GIB),
            processes=int(_number("TESSERA_LIMIT_PROCESSES", cls.processes)),
            disk_bytes=int(_number("TESSERA_LIMIT_DISK", cls.disk_bytes / GIB) * GIB),
        )

    def passed_by(self, used: Usage) -> str | None:
        if used.private_bytes > self.memory_bytes:
            return f"it took more than {self.memory_bytes / GIB:.3g} GB of memory"
        if used.processes > self.processes:
            return f"it started more than {self.processes} processes"
        return None


def _number(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1
    if not number > 0:
        raise SystemExit(f'tessera: {name} is "{text}", must be a number above 0')
    return number
