"""Two front ends at one kernel: each gets all outputs, and its own replies alone. One may go in the middle."""

import threading
import time

from driver import Kernel
from jupyter_client.blocking import BlockingKernelClient

COMPLETIONS = 40


def main():
    kernel = Kernel({"JPY_SESSION_NAME": "test.ipynb"})
    try:
        hears_both(kernel)
        stop_comes_from_the_other(kernel)
        interrupted_questions(kernel)
        one_goes(kernel)
    finally:
        kernel.end()


def join(kernel):
    client = BlockingKernelClient(connection_file=kernel.manager.connection_file)
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return client


def outputs(client, id, timeout=60):
    """What a client hears of a request, up to its `idle`, whoever has sent it."""
    heard = []
    while True:
        message = client.get_iopub_msg(timeout=timeout)
        if message["parent_header"].get("msg_id") != id:
            continue
        if message["msg_type"] == "stream":
            heard.append(message["content"]["text"])
        elif message["msg_type"] in ("execute_result", "error"):
            heard.append(message["content"].get("evalue") or message["content"]["data"]["text/plain"])
        elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return "".join(heard)


def reply(client, id, timeout=60):
    while True:
        message = client.get_shell_msg(timeout=timeout)
        assert message["parent_header"]["session"] == client.session.session, "the reply to another's request"
        if message["parent_header"]["msg_id"] == id:
            return message["content"]


def hears_both(kernel):
    one, other = kernel.client, join(kernel)
    ids = []
    for index in range(10):
        ids.append((one, one.execute(f"console.log('one', {index})")))
        ids.append((other, other.execute(f"console.log('other', {index})")))
    mine = {client: [id for each, id in ids if each is client] for client in (one, other)}
    for client, own in mine.items():
        heard = {}
        while len(heard) < len(ids) or not all(ended for _, ended in heard.values()):
            message = client.get_iopub_msg(timeout=60)
            id, content = message["parent_header"].get("msg_id"), message["content"]
            if id not in [each for _, each in ids]:
                continue
            text, ended = heard.get(id, ("", False))
            text += content.get("text", "") if message["msg_type"] == "stream" else ""
            heard[id] = text, ended or content.get("execution_state") == "idle"
        for sender, id in ids:
            name = "one" if sender is one else "other"
            assert heard[id][0] == f"{name} {mine[sender].index(id)}\n", heard[id]
        counts = [reply(client, id)["execution_count"] for id in own]
        assert counts == sorted(counts) and len(set(counts)) == len(counts), counts
    other.stop_channels()


def stop_comes_from_the_other(kernel):
    one, other = kernel.client, join(kernel)
    id = one.execute("while (true) {}")
    time.sleep(1)
    asked = other.session.msg("interrupt_request", {})
    other.control_channel.send(asked)
    answer = other.get_control_msg(timeout=30)
    assert answer["parent_header"]["msg_id"] == asked["header"]["msg_id"], answer
    assert reply(one, id)["ename"] == "Stopped"
    assert "Stopped" in outputs(other, id)
    next_id = other.execute("'goes on'")
    assert reply(other, next_id)["status"] == "ok"
    assert "goes on" in outputs(one, next_id)
    other.stop_channels()


def interrupted_questions(kernel):
    """Stop while names are completed and things are asked for: each gets its answer, and no cell is stopped."""
    client = kernel.client
    ids = []
    pressing = threading.Thread(target=press_often, args=(kernel,))
    pressing.start()
    for index in range(COMPLETIONS):
        ids.append(client.complete("globalThis.Ar"[: 5 + index % 9]))
        ids.append(client.inspect("Array", 3))
        time.sleep(0.02)
    pressing.join()
    answered = {}
    while len(answered) < len(ids):
        message = client.get_shell_msg(timeout=60)
        if message["parent_header"]["msg_id"] in ids:
            answered[message["parent_header"]["msg_id"]] = message["content"]["status"]
    assert set(ids) == set(answered) and set(answered.values()) == {"ok"}, answered
    time.sleep(1)  # Stop holds for a cell that was sent before it
    id = client.execute("6 * 7")
    assert reply(client, id)["status"] == "ok"


def press_often(kernel):
    for _ in range(10):
        kernel.manager.interrupt_kernel()
        time.sleep(0.07)


def one_goes(kernel):
    """A front end that asked for a cell, and for much beside it, is gone before the answers."""
    one, other = kernel.client, join(kernel)
    id = other.execute("for (let i = 0; i < 20; i++) { console.log(i); await new Promise((r) => setTimeout(r, 50)); }")
    for _ in range(50):
        other.complete("Arr")
    assert one.get_iopub_msg(timeout=60)
    other.stop_channels()
    assert outputs(one, id) == "".join(f"{i}\n" for i in range(20))
    after = one.execute("'still here'")
    assert reply(one, after)["status"] == "ok"


if __name__ == "__main__":
    main()
