/** V8's inspector, which can run any code, is the door's alone, unless a debugger is asked for. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";
import { exists, until } from "./processes.ts";

const isLinux = Deno.build.os === "linux";

/** Finds the ports of this process that anybody can join, and asks each what it debugs. */
const ask = `const found = [];
const text = await Deno.readTextFile("/proc/self/net/tcp");
const inodes = new Set<string>();
for (const { name } of Deno.readDirSync("/proc/self/fd")) {
  try { inodes.add(Deno.readLinkSync("/proc/self/fd/" + name).match(/socket:\\[(\\d+)\\]/)?.[1] ?? ""); } catch { /* closed meanwhile */ }
}
for (const line of text.trim().split("\\n").slice(1)) {
  const [, local, , state, , , , , , inode] = line.trim().split(/\\s+/);
  if (state !== "0A" || !inodes.has(inode)) continue;
  const port = parseInt(local.split(":")[1], 16);
  const answer = await fetch(\`http://127.0.0.1:\${port}/json\`, { signal: AbortSignal.timeout(500) })
    .then((response) => response.text(), () => "");
  found.push(answer.includes("webSocketDebuggerUrl"));
}
console.log(found.length > 0, found.filter((each) => each).length);`;

Deno.test({
  name: "The inspector is closed to others, and open where a debugger is asked for",
  ignore: !isLinux,
  fn: async () => {
    const closed = await drive([cell(ask)]);
    assertEquals(textOf(closed.results[0].cells[0]), "true 0\n");
    const port = 20_000 + Deno.pid % 10_000;
    const open = await drive([
      cell(ask),
      cell("while (true) {}", { stops: [0.4] }),
      cell("1"),
    ], { TESSERA_INSPECT: `${port}` });
    assertEquals(textOf(open.results[0].cells[0]), "true 1\n");
    assertEquals(open.results[1].cells[0].reply.ename, "Stopped");
  },
});

Deno.test({
  name: "A kernel whose inspector others have joined does not serve them, and starts anew",
  ignore: !isLinux,
  fn: async () => {
    // As the door calls it, but for another connection that is there before the port is closed.
    const source = `
      import { openInspector } from "${root}/python/tessera_kernel/inside/inspector.ts";
      const results = [];
      for (const isForeign of [true, false]) {
        const child = new Deno.Command(Deno.execPath(), { args: ["eval", \`
          import { openInspector } from "${root}/python/tessera_kernel/inside/inspector.ts";
          const connect = (url) => new Deno.Command("/bin/bash", { args: ["-c",
            \\\`exec 3<>/dev/tcp/127.0.0.1/\\\${new URL(url).port}; sleep 5\\\`] }).spawn();
          let foreign;
          const { isSafe } = openInspector((url) => {
            if (\${isForeign}) foreign = connect(url);
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
            return 1;
          });
          console.log(isSafe);
          foreign?.kill("SIGKILL");
          Deno.exit(0);
        \`], stdout: "piped", stderr: "null" });
        results.push(new TextDecoder().decode((await child.output()).stdout).trim());
      }
      console.log(results.join());`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", source] }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), "false,true");
  },
});

/** What another program finds while kernels start and run: as another user, where this one may be that. */
async function spied<T>(mark: string, during: () => Promise<T>): Promise<[Spied, T]> {
  if (Deno.uid() !== 0) console.warn("Only root can be another user: the spy is this one.");
  const spy = new Deno.Command(`${root}/.venv/bin/python`, {
    ...{ args: [`${root}/tests/kernel/spy.py`, mark], cwd: "/" },
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const value = await during();
  await spy.stdin.close();
  const { stdout } = await spy.output();
  return [JSON.parse(new TextDecoder().decode(stdout)), value];
}

interface Spied {
  asked: number;
  told: number;
  served: number;
}

Deno.test({
  name: "Another user who asks every port has nothing run, while kernels start and while they run",
  ignore: !isLinux,
  fn: async () => {
    const steps = [
      cell("await new Promise((resolve) => setTimeout(resolve, 1500)); 'undisturbed'"),
    ];
    const mark = crypto.randomUUID();
    const run = (more = {}) => drive(steps, { TESSERA_SPY: mark, ...more });
    const [closed, started] = await spied(mark, async () => [await run(), await run()]);
    assert(closed.asked > 0);
    assertEquals(closed.served, 0, JSON.stringify(closed));
    for (const { results } of started) {
      assertStringIncludes(valueOf(results[0].cells[0])!, "undisturbed");
    }
    // The same spy has its way where a debugger is asked for.
    const port = 30_000 + Deno.pid % 2000;
    const [open] = await spied(mark, () => run({ TESSERA_INSPECT: `${port}` }));
    assert(open.served > 0, JSON.stringify(open));
  },
});

/** A debugger, as VS Code and Chrome are: DevTools' protocol over a WebSocket. */
class Debugger {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Message) => void>();
  readonly #events = new Map<string, (params: Message) => void>();
  #count = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result, method, params } = JSON.parse(data);
      if (id) this.#waiting.get(id)?.(result);
      else this.#events.get(method)?.(params);
    });
  }

  static async attach(port: number): Promise<Debugger> {
    const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise((resolve, reject) =>
      Object.assign(socket, { onopen: resolve, onerror: reject })
    );
    return new Debugger(socket);
  }

  send(method: string, params: Message = {}): Promise<Message> {
    const id = ++this.#count;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  once(method: string): Promise<Message> {
    return new Promise((resolve) => this.#events.set(method, resolve));
  }

  close(): void {
    this.#socket.close();
  }
}

// deno-lint-ignore no-explicit-any
type Message = any;

Deno.test("A debugger attaches, looks at variables and stops a cell at a breakpoint", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-debugger-" });
  const port = 32_000 + Deno.pid % 700;
  const wait = (file: string) =>
    `await Deno.writeTextFile("${folder}/begun", "");
     while (!await Deno.stat("${folder}/${file}").catch(() => undefined)) {
       await new Promise((resolve) => setTimeout(resolve, 20));
     }`;
  const driven = drive([
    cell("const answer = 41;"),
    cell(wait("ready")),
    cell(
      "function next(value: number): number {\n  const more = value + 1;\n  return more;\n}\nnext(answer)",
    ),
  ], { TESSERA_INSPECT: `${port}`, JPY_SESSION_NAME: "test.ipynb" });
  try {
    assert(await until(() => exists(`${folder}/begun`), 60), "the kernel runs");
    const attached = await Debugger.attach(port);
    await attached.send("Runtime.enable");
    await attached.send("Debugger.enable");
    const { result } = await attached.send("Runtime.evaluate", { expression: "answer + 1" });
    assertEquals(result.value, 42);
    await attached.send("Debugger.setBreakpointByUrl", { urlRegex: "^cell:3$", lineNumber: 3 });
    const paused = attached.once("Debugger.paused");
    await Deno.writeTextFile(`${folder}/ready`, "");
    const { callFrames: [frame] } = await paused;
    assertEquals(frame.functionName, "next");
    const { callFrameId } = frame;
    const seen = await attached.send("Debugger.evaluateOnCallFrame", {
      callFrameId,
      expression: "value",
    });
    assertEquals(seen.result.value, 41);
    await attached.send("Debugger.resume");
    const { results } = await driven;
    assertStringIncludes(valueOf(results[2].cells[0])!, "42");
    attached.close();
  } finally {
    await Deno.writeTextFile(`${folder}/ready`, "");
    await driven;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Two kernels that a debugger may join take two ports", async () => {
  const port = 31_000 + Deno.pid % 900;
  const found = await Promise.all([0, 1].map(async () => {
    const { results } = await drive([cell("await new Promise((r) => setTimeout(r, 4000)); 1")], {
      TESSERA_INSPECT: `${port}`,
    });
    return results[0].cells[0].reply.status;
  }));
  assertEquals(found, ["ok", "ok"]);
});
