"""Started by kernel.json: python -m tessera_kernel DENO CONNECTION_FILE."""

import asyncio
import sys

from .kernel import Kernel


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m tessera_kernel DENO CONNECTION_FILE")
    sys.exit(asyncio.run(Kernel(*sys.argv[1:]).run()))


if __name__ == "__main__":
    main()
