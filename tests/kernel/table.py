"""How long Stop takes, by kind of cell and by tool, and whether the state stays: table.py REPEATS.

Says one JSON object: tool → kind of cell → [milliseconds of the median, whether the state stayed].
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from datetime import datetime, timezone

import nbformat
from driver import Kernel
from nbclient import NotebookClient

SET_UP = """import * as tf from "@tensorflow/tfjs";
import { AdamW, compile, constant, Trainer } from "tessera";
import { columns, scale, SmallNet } from "./tests/training/small.ts";
let kept = 41;
const variable = tf.variable(tf.ones([4, 4]));
const square = compile((a: tf.Tensor) => tf.matMul(a, a));
tf.dispose(await square(variable.clone()));
const model = new SmallNet();
const trainer = new Trainer({
  model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model), schedule: constant(0.01),
  batchSize: 16, transforms: { train: scale, evaluation: scale }, epochs: 100_000, progress: false,
  callbacks: [{ onStep: () => new Promise((resolve) => setTimeout(resolve, 20)) }],
});"""
CHECK = """const sum = (await square(variable.clone())).sum().dataSync()[0];
const { scopeStack, gradientDepth } = tf.engine().state as any;
console.log("state", kept + 1 === 42 && sum === 64 && scopeStack.length === 0 && gradientDepth === 0);"""
CELLS = {
    "an endless loop": "while (true) {}",
    "a loop in a callback": "[0].forEach(() => { for (;;) {} });",
    "a loop in `tf.tidy`": "tf.tidy(() => { const a = tf.ones([3]); while (true) {} });",
    "a loop of TensorFlow ops": "tf.tidy(() => { while (true) tf.tidy(() => tf.matMul(variable, variable)); });",
    "an await that never settles": "await new Promise(() => {});",
    "a storm of timers": "const tick = () => setTimeout(tick);\nfor (let i = 0; i < 100; i++) tick();\nawait new Promise(() => {});",
    "a loop of awaits": "while (true) await Promise.resolve(1);",
    "endless printing": "while (true) console.log('again');",
    "a loop in what shows a value": "({ [Symbol.for('Jupyter.display')]() { while (true) {} } })",
    "a training": "await trainer.run();",
}
STOP_AFTER_S = 1.0


class Front:
    """A plain client, as consoles and tests are."""

    def __init__(self):
        self.kernel = Kernel({"JPY_SESSION_NAME": "table.ipynb"})

    def run(self, code, stop=False):
        [cell] = self.kernel.run([code], stops=[STOP_AFTER_S] if stop else [])["cells"]
        return cell.get("stop_ms"), "".join(each.get("text", "") for each in cell["outputs"])

    def end(self):
        self.kernel.end()


class Server:
    """JupyterLab's server, by the same requests that its page sends."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address, self.token = f"127.0.0.1:{port}", uuid.uuid4().hex
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
             f"--IdentityProvider.token={self.token}", "--allow-root", f"--ServerApp.root_dir={os.getcwd()}"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        try:
            self.wait()
        except OSError:
            self.process.terminate()
            raise
        self.id = self.ask("api/kernels", {"name": "deno"})["id"]
        import websocket

        self.socket = websocket.create_connection(
            f"ws://{self.address}/api/kernels/{self.id}/channels?token={self.token}", timeout=120
        )

    def wait(self):
        for _ in range(3000):
            try:
                return self.ask("api")
            except OSError:
                time.sleep(0.1)
        raise OSError("JupyterLab's server does not answer")

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"http://{self.address}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def run(self, code, stop=False):
        id, pressed, text = uuid.uuid4().hex, [], []
        header = {"msg_id": id, "msg_type": "execute_request", "session": self.id, "username": "", "version": "5.3",
                  "date": datetime.now(timezone.utc).isoformat()}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": True}
        self.socket.send(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {},
                                     "content": content, "buffers": []}))

        def press():
            pressed.append(time.monotonic())
            self.ask(f"api/kernels/{self.id}/interrupt", {})

        timer = threading.Timer(STOP_AFTER_S, press)
        if stop:
            timer.start()
        while True:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") != id:
                continue
            text.append(message["content"].get("text", ""))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                timer.cancel()
                stop_ms = round(1000 * (time.monotonic() - pressed[0])) if pressed else None
                return stop_ms, "".join(text)

    def end(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)


def nbclient_ms(code):
    """By a notebook whose second cell runs into its time limit, as nbconvert and nbgrader have it."""
    cells = [nbformat.v4.new_code_cell(each) for each in (SET_UP, code, CHECK)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, kernel_name="deno", timeout=60, interrupt_on_timeout=True, allow_errors=True
    )
    begun = {}
    limit = 2

    def start(cell, cell_index):
        client.timeout = limit if cell_index == 1 else 60
        begun[cell_index] = time.monotonic()

    client.on_cell_start = start
    client.execute()
    text = "".join(each.get("text", "") for each in cells[2].outputs)
    return round(1000 * (begun[2] - begun[1] - limit)), text


def measure(repeats):
    table = {}
    for name, tool in (("a client", Front), ("JupyterLab's server", Server)):
        open_tool = tool()
        try:
            open_tool.run(SET_UP)
            rows = table[name] = {}
            for kind, code in CELLS.items():
                times, kept = [], True
                for _ in range(repeats):
                    ms, _ = open_tool.run(code, stop=True)
                    times.append(ms)
                    kept &= "state true" in open_tool.run(CHECK)[1]
                rows[kind] = [round(statistics.median(times)), kept]
        finally:
            open_tool.end()
    rows = table["nbclient"] = {}
    for kind, code in CELLS.items():
        ms, text = nbclient_ms(code)
        rows[kind] = [ms, "state true" in text]
    return table


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
