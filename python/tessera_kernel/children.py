"""Programs that a cell waits for in one call (`outputSync()`, `execSync()`): Stop ends them, as nothing else could."""

import contextlib

import psutil

ASKED_S = 1.0  # for what ends when it is asked to
# How far the clock by which processes are begun may be from ours.
ROUGHLY_S = 1.0


def end_awaited(deno: int, since: float) -> None:
    """Ends the program that Deno has started last since a time (in seconds since 1970), with what it has started.

    Deno starts nothing else while it waits for a program, so that the last one is the one that it waits for.
    """
    with contextlib.suppress(psutil.Error):
        # A sandbox is between the two, where there is one.
        begun = [each for each in psutil.Process(deno).children(recursive=True) if _begun(each) > since - ROUGHLY_S]
        numbers = {each.pid for each in begun}
        programs = [each for each in begun if each.ppid() not in numbers]
        if programs:
            # Some clocks tell hundredths of a second; numbers are given in order.
            _end(max(programs, key=lambda each: (_begun(each), each.pid)))


def _end(program: psutil.Process) -> None:
    left = [program, *program.children(recursive=True)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, left = psutil.wait_procs(left, ASKED_S)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _begun(process: psutil.Process) -> float:
    try:
        return float(process.create_time())
    except psutil.Error:
        return 0.0  # it has ended meanwhile
