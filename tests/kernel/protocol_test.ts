/** The door answers what front ends ask as Jupyter's own kernel does, and lets nobody else in. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";

Deno.test("history, completion, inspection and comms are answered, also while a cell runs", async () => {
  const { results } = await drive([
    cell("const answer = 42;"),
    cell("answer + 1"),
    {
      request: "history_request",
      content: { hist_access_type: "tail", n: 1, output: false, raw: true },
    },
    {
      request: "history_request",
      content: { hist_access_type: "range", session: 0, start: 1, stop: 2 },
    },
    {
      request: "history_request",
      content: { hist_access_type: "search", pattern: "*answer*", n: 9 },
    },
    { request: "complete_request", content: { code: "answ", cursor_pos: 4 } },
    { request: "complete_request", content: { code: "__tess", cursor_pos: 6 } },
    { request: "inspect_request", content: { code: "answer", cursor_pos: 3, detail_level: 0 } },
    { request: "is_complete_request", content: { code: "1 + 1" } },
    { request: "comm_info_request", content: {} },
    { request: "kernel_info_request" },
    { request: "kernel_info_request", channel: "control" },
    {
      request: "debug_request",
      content: { type: "request", command: "attach" },
      channel: "control",
    },
    cell("prompt('How many?')"),
    { cells: ["answer"], stop_on_error: true },
  ]);
  const [
    ,
    value,
    tail,
    range,
    search,
    names,
    own,
    inspected,
    complete,
    comms,
    info,
    control,
    debug,
    asked,
  ] = results;
  assertStringIncludes(valueOf(value.cells[0])!, "43");
  assertEquals(tail.history, [[0, 2, "answer + 1"]]);
  assertEquals(range.history, [[0, 1, "const answer = 42;"]]);
  assertEquals(search.history.length, 2);
  assert(names.matches.includes("answer"));
  assertEquals(own.matches, []);
  assertEquals([inspected.status, complete.status, comms.comms], ["ok", "complete", {}]);
  assertEquals([info.language_info.name, info.debugger], ["typescript", false]);
  assertEquals(control, info.type === control.type ? { ...info } : control);
  assertEquals([debug.type, debug.status], ["debug_reply", "error"]);
  assertStringIncludes(asked.cells[0].reply.evalue!, "reads no keyboard");
});

Deno.test("A console is told whether code is whole, waits for more, or cannot be", async () => {
  const codes = {
    complete: ["1 + 1", "", "{ a: 1 }", "`a ${{ b: `c` }} d`", "const f = <T,>(x: T) => x;"],
    incomplete: [
      ...[
        "const x =",
        "f(1,",
        "if (a)",
        "/* more",
        "`a ${b",
        "import { a }",
        "class A {",
        "a ? b :",
      ],
      "function f() {\n  return [1, /* ) */ '}',",
    ],
    invalid: ["const a = = 3", "f)", "'abc"],
  };
  const asked = Object.values(codes).flat();
  const { results } = await drive(
    asked.map((code) => ({ request: "is_complete_request", content: { code } })),
  );
  const expected = Object.entries(codes).flatMap(([status, codes]) => codes.map(() => status));
  assertEquals(results.map(({ status }) => status), expected, asked.join("; "));
  assertEquals(results[asked.findIndex((code) => code.includes("return"))].indent, "    ");
});

Deno.test("The kernel shuts down and starts in good time, and counts as Jupyter's do", async () => {
  const { results, end_ms } = await drive([
    cell("1"),
    cell("const a = = 1;"),
    cell("2"),
    { request: "shutdown_request", content: { restart: true }, channel: "control" },
  ]);
  assertEquals(results.slice(0, 3).map(({ cells }) => cells[0].reply.execution_count), [1, 2, 3]);
  const shown = results[2].cells[0].outputs.find(({ type }) => type === "execute_result");
  assertEquals((shown as unknown as { execution_count: number }).execution_count, 3);
  assertEquals([results[3].type, results[3].status, results[3].restart], [
    "shutdown_reply",
    "ok",
    true,
  ]);
  assert(end_ms < 10_000, `${end_ms} ms`);
});

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
  ignore: Deno.build.os !== "linux",
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
  ignore: Deno.build.os !== "linux",
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
