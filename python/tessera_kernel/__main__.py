"""Started by kernel.json: python -P -S …/tessera_kernel/__main__.py DENO CONNECTION_FILE [WITHIN].

WITHIN is a command, as a list in JSON, within which Deno is started (`tessera_grading/bubblewrap.py`).

Python starts without its `site` module, which would load what other packages hook into every program;
where packages lie is added here.
"""

import json
import sys
from os.path import dirname, join

sys.path.insert(0, dirname(dirname(__file__)))
sys.path.append(
    join(dirname(dirname(sys.executable)), "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
)

from tessera_kernel.launch import Launched  # noqa: E402


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: python -P -S __main__.py DENO CONNECTION_FILE [WITHIN]")
    connection_file = sys.argv[2]
    command = [*json.loads(sys.argv[3] if len(sys.argv) == 4 else "[]"), sys.argv[1]]
    launched = Launched(command)
    # Only now, while Deno starts: they are slow to load.
    import asyncio

    from tessera_kernel.kernel import Kernel

    try:
        code = asyncio.run(Kernel(command, connection_file, launched).run())
    finally:
        launched.end()
    sys.exit(code)


if __name__ == "__main__":
    main()
