"""Work that a hub would not see: a cell that runs, even where it says nothing and nobody has the page open."""

from jupyter_server._tz import utcnow
from tornado.ioloop import PeriodicCallback

# A hub asks for the time of the last activity every five minutes.
EVERY_MS = 60_000


def count_busy_kernels(app):
    """Lets the server's last activity be now as long as a kernel is busy, so that nobody stops a training."""

    def look():
        if any(each["execution_state"] == "busy" for each in app.kernel_manager.list_kernels()):
            app.web_app.settings["last_activity_times"]["tessera"] = utcnow()

    PeriodicCallback(look, EVERY_MS).start()
