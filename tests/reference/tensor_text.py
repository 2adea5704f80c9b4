"""How NumPy prints arrays, for tests/tensor/tensor_text_test.ts.

Run with NumPy 2.4: python tests/reference/tensor_text.py
"""

import json
from pathlib import Path

import numpy as np

random = np.random.default_rng(5)
arrays = {
    "a vector": np.float32([1, 2, 3]),
    "a matrix": np.float32([[1, 2.5, -3], [0.25, 5, 100]]),
    "thirds": np.float32([1 / 3, 2 / 3, -1 / 7]),
    "small and large": np.float32([1e-5, 1, 20]),
    "a large ratio": np.float32([0.001, 1.5, 999]),
    "large": np.float32([1234567.0, 3.0e7, -1.0]),
    "just below large": np.float32([999999, 1000.5]),
    "the smallest": np.float32([1e-45, 3.4028235e38]),
    "zeros": np.zeros((2, 2), np.float32),
    "negative zero": np.float32([-0.0, 1]),
    "odd ones": np.float32([np.nan, 1.5, -np.inf, np.inf]),
    "odd ones alone": np.float32([np.nan, np.inf]),
    "odd ones and powers": np.float32([np.nan, 1e-9, np.inf]),
    "many in a line": random.normal(size=40).astype(np.float32),
    "normal": random.normal(size=(3, 4)).astype(np.float32),
    "four axes": random.uniform(size=(2, 2, 3, 2)).astype(np.float32),
    "whole numbers": np.int32([[1, -20], [300, 4]]),
    "truths": np.array([[True, False], [False, False]]),
    "a number": np.float32(0.1),
    "a whole number": np.int32(-7),
    "one value": np.float32([[[5]]]),
    "a thousand": np.arange(1000, dtype=np.int32).reshape(10, 100),
    "a long vector": np.arange(1100, dtype=np.int32),
    "a wide matrix": (random.integers(-999, 999, size=(30, 40)) / 64).astype(np.float32),
    "images": (np.arange(2 * 28 * 28) % 251).reshape(2, 28, 28, 1).astype(np.float32),
    "a narrow tensor": np.arange(1200, dtype=np.float32).reshape(600, 2),
    "complex": np.complex64([[1 + 2j, -0.5j], [3.25, 1e3 - 1j]]),
    "words": np.array(["a", "bc"]),
    "words with signs": np.array(["it's", 'say "no"', "C:\\new\n", "both ' and \"", "\t\x1b\x85é🙂"]),
}
cases = []
for name, array in arrays.items():
    flat = array.reshape(-1)
    values = [[float(v.real), float(v.imag)] for v in flat] if array.dtype.kind == "c" else flat.tolist()
    if array.dtype.kind == "f":
        values = [float(v) if np.isfinite(v) else str(float(v)) for v in flat]
    kinds = {"f": "float32", "i": "int32", "b": "bool", "c": "complex64", "U": "string"}
    text = np.array2string(array, separator=", ", prefix="tensor(", suffix=")")
    cases.append({"name": name, "dtype": kinds[array.dtype.kind], "shape": array.shape, "values": values,
                  "text": text})  # fmt: skip
Path(__file__).with_suffix(".json").write_text(json.dumps({"numpy": np.__version__, "cases": cases}) + "\n")
