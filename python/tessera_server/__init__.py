"""What Jupyter's server does for a learner: snapshots of notebooks as they are saved, word between the
windows that have one open, handing in, and the library's pages. The rules of snapshots are those of tools/learner/snapshots.ts,
which a program started here applies. The server ends with `./tessera lab`, which has started it,
and passes a batch system's warning on to its kernels."""

from .activity import count_busy_kernels
from .docs import DocsHandler, PageHandler, docs_folder
from .ending import end_with_starter
from .hand_in import HandInHandler
from .language import offer_language_server
from .snapshots import Keeper, SnapshotHandler, open_notebooks_schema
from .sockets import find_room_for_sockets
from .warning import pass_warnings_on


def _jupyter_server_extension_points():
    return [{"module": "tessera_server"}]


def _link_jupyter_server_extension(app):
    offer_language_server(app)


def _load_jupyter_server_extension(app):
    keeper = Keeper(app.log)
    app.contents_manager.register_pre_save_hook(keeper.before_save)
    app.contents_manager.register_post_save_hook(keeper.after_save)
    find_room_for_sockets(app)
    end_with_starter(app)
    pass_warnings_on(app)
    count_busy_kernels(app)
    app.event_logger.register_event_schema(open_notebooks_schema)
    address = app.web_app.settings["base_url"].rstrip("/") + "/tessera/"
    handlers = [
        (address + "snapshots", SnapshotHandler, {"keeper": keeper}),
        (address + "hand-in", HandInHandler),
        (address + "docs/?", DocsHandler),
        (address + "docs/(.+)", PageHandler, {"path": str(docs_folder(app.contents_manager))}),
    ]
    app.web_app.add_handlers(".*$", handlers)
