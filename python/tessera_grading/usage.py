"""What a program and all that it has started use of memory and processor time, and how many processes that is."""

import sys
from dataclasses import dataclass

import psutil


@dataclass
class Usage:
    private_bytes: int = 0
    processes: int = 0
    processor_s: float = 0


def usage_of(root: psutil.Process) -> Usage:
    """Private memory: what several processes share, such as a library's code, is not counted."""
    used = Usage()
    for process in [root, *_descendants(root)]:
        try:
            used.private_bytes += _private_bytes(process)
            used.processes += 1
            times = process.cpu_times()
            used.processor_s += times.user + times.system
        except psutil.Error:
            pass  # it has ended meanwhile
    return used


def end_tree(root: psutil.Process) -> None:
    """Ends a program with all that it has started."""
    for process in [root, *_descendants(root)]:
        try:
            process.kill()
        except psutil.Error:
            pass


def _descendants(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def _private_bytes(process: psutil.Process) -> int:
    if sys.platform != "linux":
        return process.memory_info().rss
    fields = {"RssAnon": 0, "RssShmem": 0, "VmSwap": 0}
    try:
        with open(f"/proc/{process.pid}/status", "rb") as status:
            for line in status:
                name, _, value = line.decode().partition(":")
                if name in fields:
                    fields[name] = int(value.split()[0]) * 1024
    except OSError:
        return 0
    return sum(fields.values())
