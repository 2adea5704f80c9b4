"""A batch system's warning that the end is near: the kernels' trainings save, and go on."""

import os
import signal


def pass_warnings_on(app):
    """At SIGUSR1 every kernel of the server gets it too: batch systems may send it to the first program alone."""

    def warn():
        for kernel in app.kernel_manager.list_kernel_ids():
            provisioner = app.kernel_manager.get_kernel(kernel).provisioner
            # To the kernel and not, as Jupyter would, to its group: what a cell has started may end by it.
            if pid := getattr(provisioner, "pid", None):
                os.kill(pid, signal.SIGUSR1)

    def listen():
        servers_own = signal.getsignal(signal.SIGUSR1)  # which writes into its log what runs

        def take(number, frame):
            if callable(servers_own):
                servers_own(number, frame)
            app.io_loop.add_callback_from_signal(warn)

        signal.signal(signal.SIGUSR1, take)

    app.io_loop.add_callback(listen)  # once the server has set its own
