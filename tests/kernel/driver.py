"""Drives one kernel as a front end does: driver.py, with a list of steps as JSON on standard input.

A step is `{"cells": [code, …]}`, sent at once, with `stops` (seconds after the sending at which Stop is
pressed) and `stop_on_error`; or `{"request": type, "content": …, "channel": "shell" or "control"}`; or
`{"early": code}`, a cell that was sent before Stop and arrives after it; or `{"wait": seconds}`. Says one JSON list of what came of each on standard output.
"""

import asyncio
import json
import os
import queue
import sys
import threading
import time

import psutil
from jupyter_client.manager import KernelManager


class Kernel:
    """The project's kernel, or another of a specification."""

    def __init__(self, environment, spec=None):
        self.manager = KernelManager(kernel_name="deno")
        if spec:
            self.manager._kernel_spec = spec
        begun = time.monotonic()
        self.manager.start_kernel(env={**os.environ, **environment})
        self.client, self.replies = self.manager.client(), {}
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.start_ms = round(1000 * (time.monotonic() - begun))

    def end(self):
        begun = time.monotonic()
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        return round(1000 * (time.monotonic() - begun))

    def processor_ms(self):
        """What the door and Deno have used of processors."""
        door = psutil.Process(self.manager.provisioner.pid)
        times = [each.cpu_times() for each in [door, *door.children()]]
        return round(1000 * sum(each.user + each.system for each in times))

    def request(self, type, content, channel="shell", timeout=20):
        sender = getattr(self.client, f"{channel}_channel")
        message = self.client.session.msg(type, content)
        sender.send(message)
        return self.reply_to(message["header"]["msg_id"], channel, timeout)

    def has_reply(self, id, seconds):
        """Whether it comes in time."""
        try:
            self.replies[id] = self.reply_to(id, timeout=seconds)
        except queue.Empty:
            return False
        return True

    def reply_to(self, id, channel="shell", timeout=120):
        sender = getattr(self.client, f"{channel}_channel")
        self.waited_for = id
        while True:
            if id in self.replies:
                return self.replies.pop(id)
            reply = sender.get_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == id:
                return {"type": reply["msg_type"], **reply["content"]}

    def interrupt(self):
        # In a loop that is closed again: the other way leaves one open for each thread.
        asyncio.run(self.manager._async_interrupt_kernel())

    def press(self, at, presses, ended, again_s):
        for seconds in at:
            time.sleep(max(0, seconds - (time.monotonic() - self.begun)))
            presses.append(time.monotonic())
            self.interrupt()
        while presses and again_s and not ended.wait(again_s):
            self.interrupt()

    def run(self, codes, stops=(), stop_on_error=True, timeout=120, again_s=None):
        """
        Sends the cells at once; what came of each, with the messages that other cells got meanwhile. Where they
        run on, Stop is pressed again every `again_s` seconds: one that is heard before its cell is not taken for it.
        """
        self.begun, presses = time.monotonic(), []
        ids = [self.client.execute(code, stop_on_error=stop_on_error) for code in codes]
        ended = threading.Event()
        pressing = threading.Thread(target=self.press, args=(stops, presses, ended, again_s))
        pressing.start()
        found = {id: {"outputs": [], "parents": 0} for id in ids}
        late, open_ids = [], set(ids)
        try:
            while open_ids:
                message = self.client.get_iopub_msg(timeout=timeout)
                id, type, content = message["parent_header"].get("msg_id"), message["msg_type"], message["content"]
                if id not in found:
                    if type != "status":
                        late.append({"type": type, **content})
                elif type != "status":
                    found[id]["outputs"].append({"type": type, **content})
                elif content["execution_state"] == "idle":
                    found[id]["ms"] = round(1000 * (time.monotonic() - self.begun))
                    if presses:
                        found[id]["stop_ms"] = round(1000 * (time.monotonic() - presses[0]))
                    open_ids.discard(id)
        finally:
            ended.set()
        pressing.join()
        for id in ids:
            found[id]["reply"] = self.reply_to(id)
        return {"cells": [found[id] for id in ids], "late": late}

    def early(self, code, seconds):
        """Stop overtakes a cell, which arrives some seconds after it."""
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
        message = self.client.session.msg("execute_request", content)
        time.sleep(0.5)
        self.interrupt()
        time.sleep(seconds)
        self.client.shell_channel.send(message)
        return self.reply_to(message["header"]["msg_id"])

    def rest(self, seconds):
        """What comes while nothing runs."""
        time.sleep(seconds)
        late = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except queue.Empty:
                return {"late": late}
            late.append({"type": message["msg_type"], "parent": message["parent_header"], **message["content"]})


def main():
    asked = json.load(sys.stdin)
    kernel = Kernel(asked.get("environment", {}))
    results = []
    try:
        for step in asked["steps"]:
            if "cells" in step:
                results.append(kernel.run(step.pop("cells"), **step))
            elif "request" in step:
                results.append(kernel.request(step["request"], step.get("content", {}), step.get("channel", "shell")))
            elif "early" in step:
                results.append(kernel.early(step["early"], step.get("seconds", 0.05)))
            elif "press" in step:
                kernel.interrupt()
                results.append({})
            else:
                results.append(kernel.rest(step["wait"]))
        processor_ms = kernel.processor_ms() if asked.get("measures") else None
    finally:
        end_ms = kernel.end()
    told = {"start_ms": kernel.start_ms, "end_ms": end_ms, "processor_ms": processor_ms, "results": results}
    print(json.dumps(told, default=str))


if __name__ == "__main__":
    main()
