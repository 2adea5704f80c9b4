"""Started by kernel.json: python -P -S …/tessera_kernel/__main__.py DENO CONNECTION_FILE.

Python starts without its `site` module, which would load what other packages hook into every program;
where packages lie is added here.
"""

import sys
from os.path import dirname, join

sys.path.insert(0, dirname(dirname(__file__)))
sys.path.append(
    join(dirname(dirname(sys.executable)), "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
)

from tessera_kernel.launch import Launched  # noqa: E402


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -P -S __main__.py DENO CONNECTION_FILE")
    program, connection_file = sys.argv[1:]
    launched = Launched(program)
    # Only now, while Deno starts: they are slow to load.
    import asyncio

    from tessera_kernel.kernel import Kernel

    try:
        code = asyncio.run(Kernel(program, connection_file, launched).run())
    finally:
        launched.end()
    sys.exit(code)


if __name__ == "__main__":
    main()
