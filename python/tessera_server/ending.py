"""The end of Jupyter's server: with its starter, and in order, so that trainings save and nothing stays."""

import os
import signal

from tessera_kernel.parent import watch_parent


def end_with_starter(app):
    """Stops the server as SIGTERM does once `./tessera lab` has gone, however that ended.

    A server that was started in another way, such as a hub's, has its own ways to end.
    """

    def stop(*_):
        os.kill(os.getpid(), signal.SIGTERM)

    # A closed terminal would end the server at once, and leave its kernels to find that out.
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, stop)
    # Taken away, since what the server starts has other starters.
    starter = os.environ.pop("TESSERA_STARTER", None)
    if starter:
        app.io_loop.add_callback(watch_parent, int(starter), stop)
