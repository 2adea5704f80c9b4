/** JupyterLab ends with `./tessera lab`, however that ends, and its kernels and TensorBoards with it. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { exists, marked, until } from "./processes.ts";

/**
 * A training that saves itself where it was when Stop came, and at a batch system's warning, and a TensorBoard
 * beside it.
 */
const training = (folder: string) => `
  import { AdamW, constant, Trainer } from "tessera";
  import { startTensorBoard } from "${root}/lib/training/tensorboard/open.ts";
  import { columns, scale, SmallNet } from "${root}/tests/training/small.ts";
  await startTensorBoard("${folder}");
  const model = new SmallNet();
  const begun = { onStep: ({ step }) => void (step === 3 && Deno.writeTextFileSync("${folder}/begun", "")) };
  const trainer = new Trainer({
    model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model),
    schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale },
    epochs: 1_000_000, progress: false, callbacks: [begun, {
      onWarning: (trainer) => trainer.save("${folder}/warned.safetensors"),
    }],
  });
  await trainer.run();
  await trainer.save("${folder}/saved.safetensors");`;

/** Runs a cell in a new kernel of a server, once that answers, and does not wait for its end. */
async function send(url: string, token: string, code: string): Promise<WebSocket> {
  const headers = { Authorization: `token ${token}` };
  const answer = await fetch(`${url}api/kernels`, { method: "POST", headers, body: "{}" });
  const { id } = await answer.json();
  const address = `${url.replace("http", "ws")}api/kernels/${id}/channels?token=${token}`;
  const socket = new WebSocket(address);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const session = crypto.randomUUID();
  const request = (type: string, content: object) => {
    const header = {
      ...{ msg_id: crypto.randomUUID(), msg_type: type, username: "", version: "5.3" },
      ...{ session, date: new Date().toISOString() },
    };
    const message = { header, parent_header: {}, metadata: {}, content, channel: "shell" };
    socket.send(JSON.stringify(message));
  };
  let isReady = false;
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string" && data.includes("kernel_info_reply")) isReady = true;
  });
  // What is sent before the server has joined the kernel is lost.
  const ready = await until(async () => {
    request("kernel_info_request", {});
    return isReady || await until(() => isReady, 1);
  }, 120);
  assert(ready, "the kernel answers");
  request("execute_request", {
    ...{ code, silent: false, store_history: true, user_expressions: {} },
    ...{ allow_stdin: false, stop_on_error: true },
  });
  return socket;
}

async function server(home: string): Promise<{ url: string; token: string; pid: number }> {
  const folder = join(home, ".jupyter", "runtime");
  const found: { url: string; token: string; pid: number }[] = [];
  await until(async () => {
    try {
      for (const { name } of Deno.readDirSync(folder)) {
        if (!/^jpserver-\d+\.json$/.test(name)) continue;
        const read = JSON.parse(Deno.readTextFileSync(join(folder, name)));
        const signal = AbortSignal.timeout(5000);
        await (await fetch(`${read.url}api?token=${read.token}`, { signal })).body?.cancel();
        found.push(read);
      }
    } catch { // not there yet
    }
    return found.length > 0;
  }, 120);
  assert(found.length > 0, "the server answers");
  return found[0];
}

for (
  const [signal, whom, warns = false] of [
    ["SIGKILL", "tessera lab"],
    ["SIGTERM", "tessera lab", true],
    ["SIGHUP", "tessera lab"],
    ["SIGHUP", "the server"],
    ["SIGKILL", "the server"],
  ] as const
) {
  Deno.test({
    name: `JupyterLab, a training and TensorBoard end after ${signal} to ${whom}, and it saves${
      warns ? ", as at a warning that ends nothing" : ""
    }`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const mark = crypto.randomUUID();
      const folder = await Deno.makeTempDir({ prefix: "tessera-server-end-" });
      const home = join(folder, "home");
      const env = { TESSERA_HOME: home, TESSERA_CALLER: root, TESSERA_TEST_MARK: mark };
      const run = (name: string, ...args: string[]) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "--allow-all", join(root, "tools", `${name}.ts`), ...args],
          ...{ cwd: root, env, stdin: "null", stdout: "null", stderr: "null" },
        });
      await run("home", home).output();
      const lab = run("lab", "--no-browser", "--port=0").spawn();
      let socket: WebSocket | undefined;
      try {
        const { url, token, pid } = await server(home);
        socket = await send(url, token, training(folder));
        assert(await until(() => exists(`${folder}/begun`), 180), "the training begins");
        if (warns) {
          // A batch system warns the program that it has started, or all that run: neither ends the server.
          for (const each of [lab.pid, pid]) {
            Deno.kill(each, "SIGUSR1");
            assert(await until(() => exists(`${folder}/warned.safetensors`), 20), "it saves");
            await Deno.remove(`${folder}/warned.safetensors`);
          }
          const signal = AbortSignal.timeout(5000);
          const { ok, body } = await fetch(`${url}api?token=${token}`, { signal });
          await body?.cancel();
          assert(ok, "the server answers");
          assertEquals(exists(`${folder}/saved.safetensors`), false, "the training goes on");
        }
        Deno.kill(whom === "the server" ? pid : lab.pid, signal);
        await lab.status;
        await until(() => marked(mark).length === 0, 50);
        assertEquals(marked(mark), []);
        assert(exists(`${folder}/saved.safetensors`), "the training is saved");
        if (signal !== "SIGKILL" || whom !== "the server") {
          const left = [...Deno.readDirSync(join(home, ".jupyter", "runtime"))];
          assertEquals(left.filter(({ name }) => /^(kernel|jpserver)-/.test(name)), []);
        }
      } finally {
        socket?.close();
        for (const each of marked(mark)) Deno.kill(each, "SIGKILL");
        await lab.status;
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
