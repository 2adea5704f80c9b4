"""Started by Jupyter's server: python -P -S …/tessera_language/__main__.py."""

import asyncio
import sys
from os.path import dirname

sys.path.insert(0, dirname(dirname(__file__)))

from tessera_language.relay import main  # noqa: E402

if __name__ == "__main__":
    asyncio.run(main())
