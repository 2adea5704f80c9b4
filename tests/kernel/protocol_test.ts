/** The door answers what front ends ask as Jupyter's own kernel does, and lets nobody else in. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cell, drive, valueOf } from "./driver.ts";

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

Deno.test("Requests that nobody knows, or that lack what they ask with, are answered and end nothing", async () => {
  const { results } = await drive([
    { request: "nonsense_request", content: { what: 1 } },
    { request: "execute_request", content: {} },
    { request: "is_complete_request", content: {} },
    { request: "complete_request", content: {} },
    cell("1 + 1"),
  ]);
  const [nonsense, nothing, complete, names, value] = results;
  assertEquals([nonsense.type, nonsense.status], ["nonsense_reply", "error"]);
  assertEquals([nothing.status, complete.status, names.status], ["ok", "complete", "ok"]);
  assertEquals(valueOf(value.cells[0]), "2");
});

Deno.test("Completion counts characters, whatever is written before the cursor", async () => {
  const asked: [code: string, match: string, start: number, cursor?: number][] = [
    ["grö", "größe", 0],
    ["/* Größe 🙂 */ größe.wei", "weite", 20],
    ["'🙂'; größe.we; 'ü'", "weite", 11, 13],
    ["größe.we", "weite", 6, 9999],
  ];
  const { results } = await drive([
    cell("const größe = { weite: 1 };"),
    ...asked.map(([code, , , cursor]) => ({
      request: "complete_request",
      content: { code, cursor_pos: cursor ?? [...code].length },
    })),
    cell("größe.weite"),
  ]);
  asked.forEach(([code, match, start], index) => {
    const { matches, cursor_start } = results[index + 1];
    assert(matches.includes(match), `${code}: ${matches}`);
    assertEquals(cursor_start, start, code);
  });
  assertEquals(valueOf(results.at(-1)!.cells[0]), "1");
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
