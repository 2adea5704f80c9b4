"""What an idle kernel does with memory: resting.py. Says one JSON object, of private memory in MB."""

import json
import sys
import time

from driver import Kernel
from memory import memory

IDLE_S = 0.3
MEGABYTES = 300
# The C library keeps what is freed here, as what a training's step frees.
FREED = f"""const {{ symbols: libc }} = Deno.dlopen("libc.so.6", {{
  malloc: {{ parameters: ["usize"], result: "pointer" }}, free: {{ parameters: ["pointer"], result: "void" }},
  memset: {{ parameters: ["pointer", "i32", "usize"], result: "pointer" }},
}});
const place = libc.malloc({MEGABYTES}_000_000n);
libc.memset(place, 1, {MEGABYTES}_000_000n);
const after = libc.malloc(100n); // so that it does not lie at the heap's end
libc.free(place);"""
TRAINS = 'const endTraining = globalThis[Symbol.for("tessera.kernel")].watch({ stop() {} });'
LARGE = """const { getHeapSpaceStatistics } = await import("node:v8");
getHeapSpaceStatistics().find((each) => each.space_name === "large_object_space").space_used_size / 1e6"""


def run(kernel, code):
    [cell] = kernel.run([code])["cells"]
    assert cell["reply"]["status"] == "ok", cell
    return "".join(each["data"]["text/plain"] for each in cell["outputs"] if each["type"] == "execute_result")


def private(kernel):
    return memory(kernel.manager.provisioner.pid)[0] / 1e6


def when_below(kernel, megabytes):
    """As soon as it is so; the last value, where it is not for a minute."""
    end = time.monotonic() + 60
    while (found := private(kernel)) > megabytes and time.monotonic() < end:
        time.sleep(0.1)
    return found


def main():
    kernel = Kernel({"JPY_SESSION_NAME": "test.ipynb", "TESSERA_IDLE_SECONDS": str(IDLE_S)})
    try:
        told = {}
        run(kernel, f"{FREED}\n{TRAINS}")
        time.sleep(10 * IDLE_S)
        told["training"] = private(kernel)
        run(kernel, "endTraining()")
        told["idle"] = when_below(kernel, told["training"] - 0.9 * MEGABYTES)
        told["large"] = float(run(kernel, LARGE))
        json.dump(told, sys.stdout)
    finally:
        kernel.end()


if __name__ == "__main__":
    main()
