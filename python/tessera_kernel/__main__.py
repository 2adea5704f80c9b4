"""Started by kernel.json: python -P -S …/tessera_kernel/__main__.py DENO CONNECTION_FILE.

Python starts without its `site` module, which takes as long to load as the rest; it comes once Deno has
been launched.
"""

import sys
from os.path import dirname

sys.path.insert(0, dirname(dirname(__file__)))

from tessera_kernel.launch import Launched  # noqa: E402


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -P -S __main__.py DENO CONNECTION_FILE")
    program, connection_file = sys.argv[1:]
    launched = Launched(program)
    import site

    site.main()
    import asyncio

    from tessera_kernel.kernel import Kernel

    try:
        code = asyncio.run(Kernel(program, connection_file, launched).run())
    finally:
        launched.end()
    sys.exit(code)


if __name__ == "__main__":
    main()
