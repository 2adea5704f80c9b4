/** V8's inspector, which can run any code, is the door's alone, unless a debugger is asked for. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";
import { exists, until } from "./processes.ts";

const isLinux = Deno.build.os === "linux";

/** Waits in a cell for a file, for two minutes at most. */
const waitFor = (file: string) =>
  `for (let i = 0; i < 6000 && !await Deno.stat("${file}").catch(() => undefined); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }`;

/** Finds the ports of this process that anybody can join, and asks each what it debugs. */
const ask = `const asked: Promise<boolean>[] = [];
const text = await Deno.readTextFile("/proc/self/net/tcp");
const inodes = new Set<string>();
for (const { name } of Deno.readDirSync("/proc/self/fd")) {
  try { inodes.add(Deno.readLinkSync("/proc/self/fd/" + name).match(/socket:\\[(\\d+)\\]/)?.[1] ?? ""); } catch { /* closed meanwhile */ }
}
for (const line of text.trim().split("\\n").slice(1)) {
  const [, local, , state, , , , , , inode] = line.trim().split(/\\s+/);
  if (state !== "0A" || !inodes.has(inode)) continue;
  const port = parseInt(local.split(":")[1], 16);
  asked.push(fetch(\`http://127.0.0.1:\${port}/json\`, { signal: AbortSignal.timeout(4000) })
    .then((response) => response.text()).then((text) => text.includes("webSocketDebuggerUrl"), () => false));
}
const found = await Promise.all(asked);
console.log(found.length > 0, found.filter((each) => each).length);`;

Deno.test({
  name: "The inspector is closed to others, and open where a debugger is asked for",
  ignore: !isLinux,
  fn: async () => {
    const closed = await drive([cell(ask)]);
    assertEquals(textOf(closed.results[0].cells[0]), "false 0\n"); // nor any other port
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

/** What the programs below begin with: `join` has another program join, and waits until it has. */
const foreignTo = (folder: string) => `
  import { openInspector } from "${root}/python/tessera_kernel/inside/inspector.ts";
  const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const isThere = () => { try { return Deno.statSync("${folder}/joined").isFile; } catch { return false; } };
  let foreign;
  function join(url, request = "") {
    const ask = "exec 3<>/dev/tcp/127.0.0.1/" + new URL(url).port + ";" + request +
      "echo > ${folder}/joined; exec sleep 600";
    foreign = new Deno.Command("/bin/bash", { args: ["-c", ask] }).spawn();
    while (!isThere()) sleep(20);
  }`;

/** Opens the inspector as the door does; another program may join it before its port is closed, and is answered. */
const opening = (isForeign: boolean, folder: string) => `
  ${foreignTo(folder)}
  const request = "printf 'GET /json HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; read -r <&3;";
  const { isSafe } = openInspector((url) => {
    if (${isForeign}) join(url, request);
    return 1;
  });
  console.log(isSafe);
  foreign?.kill("SIGKILL");
  Deno.exit(0);`;

Deno.test({
  name: "An inspector that others have joined before its port was closed is known not to be safe",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-inspector-" });
    try {
      const found = await Promise.all([true, false].map(async (isForeign) => {
        const args = ["eval", opening(isForeign, folder)];
        const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
        return new TextDecoder().decode(stdout).trim();
      }));
      assertEquals(found, ["false", "true"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Opens the inspector, while another program joins it that is accepted so many seconds later. */
const acceptingLate = (seconds: number, folder: string) => `
  ${foreignTo(folder)}
  openInspector((url) => {
    join(url);
    return 1;
  });
  sleep(${seconds * 2000});
  foreign.kill("SIGKILL");
  Deno.exit(0);`;

/** What strace tells of it; nothing where it is not installed, or may not trace. */
async function acceptedLate(seconds: number, folder: string): Promise<string | undefined> {
  const late = ["-f", "-qq", "-e", "trace=accept4", "-e"];
  const args = [...late, `inject=accept4:delay_enter=${seconds}s`];
  const traced = await new Deno.Command("strace", {
    args: [...args, Deno.execPath(), "eval", acceptingLate(seconds, folder)],
  }).output().catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  const text = traced && new TextDecoder().decode(traced.stderr);
  return text?.includes("Operation not permitted") ? undefined : text;
}

Deno.test({
  name: "Who was about to be accepted when the port was closed is asked for once, not without end",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-inspector-" });
    try {
      for (const seconds of [1, 8]) { // a busy machine closes the port after the first
        const told = await acceptedLate(seconds, folder);
        if (told === undefined) {
          return console.warn("NOT TRIED: strace is missing, or may not trace.");
        }
        assert(!told.includes("Failed to accept"), told);
        if (told.includes("EAGAIN")) return;
        await Deno.remove(`${folder}/joined`);
      }
      throw new Error("The port was closed too late to try it.");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Another program, which asks every port: as another user, where this one may be that. */
class Spy implements AsyncDisposable {
  readonly #program: Deno.ChildProcess;
  readonly #said: ReadableStreamDefaultReader<string>;

  constructor(mark: string) {
    if (Deno.uid() !== 0) console.warn("Only root can be another user: the spy is this one.");
    this.#program = new Deno.Command(`${root}/.venv/bin/python`, {
      ...{ args: [`${root}/tests/kernel/spy.py`, mark], cwd: "/" },
      ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    this.#said = this.#program.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough<string>(new TextLineStream()).getReader();
  }

  /** What it says next. */
  async line(): Promise<string> {
    return (await this.#said.read()).value ?? "";
  }

  /** Ends it, and gives what it has found. */
  async found(): Promise<{ asked: number; told: number; served: number }> {
    await this.#program.stdin.close();
    for (;;) {
      const line = await this.line();
      if (line !== "served") return JSON.parse(line);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stdin.close().catch(() => {}); // it may be closed
    while (!(await this.#said.read()).done);
    await this.#program.status;
  }
}

Deno.test({
  name: "Another user who asks every port has nothing run, while kernels start and while they run",
  ignore: !isLinux,
  fn: async () => {
    const mark = crypto.randomUUID();
    const wait = "await new Promise((resolve) => setTimeout(resolve, 1500)); 'undisturbed'";
    await using spy = new Spy(mark);
    for (let count = 0; count < 2; count++) {
      const { results } = await drive([cell(wait)], { TESSERA_SPY: mark });
      assertStringIncludes(valueOf(results[0].cells[0])!, "undisturbed");
    }
    const found = await spy.found();
    assert(found.asked > 0);
    assertEquals(found.served, 0, JSON.stringify(found));
  },
});

Deno.test({
  name: "Another user has code run where a debugger is asked for",
  ignore: !isLinux,
  fn: async () => {
    const mark = crypto.randomUUID();
    const folder = await Deno.makeTempDir({ prefix: "tessera-spy-" });
    try {
      await using spy = new Spy(mark);
      const port = 30_000 + Deno.pid % 2000;
      const driven = drive([cell(waitFor(`${folder}/served`))], {
        TESSERA_SPY: mark,
        TESSERA_INSPECT: `${port}`,
      });
      assertEquals(await Promise.race([spy.line(), driven.then(() => "not served")]), "served");
      await Deno.writeTextFile(`${folder}/served`, "");
      await driven;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
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
  const driven = drive([
    cell("const answer = 41;"),
    cell(`await Deno.writeTextFile("${folder}/begun", "");\n${waitFor(`${folder}/ready`)}`),
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
