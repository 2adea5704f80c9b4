"""What the Python column of docs/from_python.md gives, by NumPy and PyTorch: `from_python.json`."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
page = (HERE.parents[1] / "docs" / "from_python.md").read_text()
names: dict = {}
exec(re.search(r"```python\n(.*?)```", page, re.S)[1], names)


def plain(value):
    """A result as JSON: shapes and parts as lists, truth values as numbers, types by name."""
    if type(value).__name__ == "dtype":
        return str(value).removeprefix("torch.")
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return int(value) if isinstance(value, bool) else value


arrays = {name: value.numpy() if hasattr(value, "numpy") else value for name, value in names.items()}
rows = re.findall(r"^\| `([^`]+)` +\| `[^`]+` +\|", page, re.M)
results = {row: plain(eval(row, arrays if "np." in row else names)) for row in rows}
(HERE / "from_python.json").write_text(json.dumps(results, indent=2) + "\n")
