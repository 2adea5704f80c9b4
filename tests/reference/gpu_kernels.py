"""Writes gpu_kernels.json: which of TensorFlow's ops that Tessera names have kernels for a graphics card.

    python gpu_kernels.py FOLDER

FOLDER holds the two libraries of the wheel `tensorflow` (not `tensorflow-cpu`); no card is needed, the registry of
kernels is part of the library. An op's kernels are pairs: the data types (TF_DataType) by attribute, and the
arguments that lie in the processor's memory. Types that Tessera does not know are left out.
"""

import ctypes
import json
import os
import re
import sys
from pathlib import Path

here = Path(__file__).parent
project = here.parent.parent
TYPES = {1, 3, 4, 5, 7, 8, 9, 10, 20}
DEVICES = ("GPU", "DEFAULT")


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def registry(folder):
    for name in ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2"):
        library = ctypes.CDLL(f"{folder}/{name}", mode=ctypes.RTLD_GLOBAL)
    framework = ctypes.CDLL(f"{folder}/libtensorflow_framework.so.2")
    framework.TF_NewStatus.restype = ctypes.c_void_p
    library.TF_GetAllRegisteredKernels.restype = ctypes.POINTER(Buffer)
    library.TF_GetAllRegisteredKernels.argtypes = [ctypes.c_void_p]
    found = library.TF_GetAllRegisteredKernels(framework.TF_NewStatus()).contents
    return ctypes.string_at(found.data, found.length)


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def types_of(values):
    for number, listed in fields(values):
        if number != 1:
            continue
        for number, packed in fields(listed):
            if number == 6 and isinstance(packed, int):
                yield packed
            elif number == 6:
                at = 0
                while at < len(packed):
                    each, at = varint(packed, at)
                    yield each


def kernels(data):
    """Op, device, types by attribute, arguments on the host."""
    for number, kernel in fields(data):
        if number != 1:
            continue
        op = device = label = ""
        constraints, on_host = {}, []
        for number, value in fields(kernel):
            if number == 1:
                op = value.decode()
            elif number == 2:
                device = value.decode()
            elif number == 3:
                name, types = "", []
                for number, part in fields(value):
                    if number == 1:
                        name = part.decode()
                    elif number == 2:
                        types += types_of(part)
                if types:
                    constraints[name] = types
            elif number == 4:
                on_host.append(value.decode())
            elif number == 5:
                label = value.decode()
        if not label:
            yield op, device, constraints, on_host


def named_ops():
    """Every word in quotes that could be an op's name, in the engine, its tests and tfjs-node's kernels."""
    cache = Path(os.environ.get("DENO_DIR", project / ".deno")) / "npm"
    folders = [project / "lib", project / "tests", *cache.glob("*/@tensorflow/tfjs-node-gpu/*/dist")]
    core = [*cache.glob("*/@tensorflow/tfjs-core/*/dist")]
    words = set()
    for folder in folders:
        for path in [*folder.rglob("*.ts"), *folder.rglob("*.js")]:
            if "third_party" in path.parts:  # TensorFlow.js's own tests, of its converter for example
                continue
            words |= set(re.findall(r"""["']([A-Z][A-Za-z0-9]+)["']""", path.read_text()))
    for folder in core:
        words |= set(re.findall(r"""= ["']([A-Z][A-Za-z0-9]+)["']""", (folder / "kernel_names.js").read_text()))
    return words


if __name__ == "__main__":
    words, table = named_ops(), {}
    for op, device, constraints, on_host in kernels(registry(sys.argv[1])):
        if op not in words:
            continue
        known = table.setdefault(op, {each: [] for each in DEVICES})
        fits = all(set(types) & TYPES for types in constraints.values())
        if device in DEVICES and fits:
            constraints = {name: [t for t in types if t in TYPES] for name, types in constraints.items()}
            known[device].append([constraints, on_host])
    lines = [
        f"{json.dumps(op)}: {json.dumps([kernel for device in DEVICES for kernel in known[device]])}"
        for op, known in sorted(table.items())
    ]
    (here / "gpu_kernels.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(table), "ops,", sum(not any(known.values()) for known in table.values()), "without a kernel for a card")
