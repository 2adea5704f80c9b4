/** `./tessera test` in lanes: one summary and one exit code for all of them, whatever becomes of one. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, join } from "node:path";
import { root } from "../tools/command.ts";
import { expectedInLanes, lanesFor, roomForLanes } from "../tools/test_lanes.ts";
import { describeCounts, noCounts, sumOf, TestOutput } from "../tools/test_output.ts";
import { TestQueue } from "../tools/test_queue.ts";
import { testFiles } from "../tools/test_files.ts";
import { expectedSeconds } from "../tools/test_results.ts";
import { marked, until } from "./kernel/processes.ts";
import { inTerminal } from "./terminal.ts";

const tessera = join(root, "tessera");

/** Writes test files, by name, and takes them away again. */
async function inFolder(
  files: Record<string, string>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-lanes-test-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runLanes(folder: string): Promise<{ code: number; said: string; log: string }> {
  const { code, stdout, stderr } = await new Deno.Command(tessera, {
    args: ["test", "--lanes=2", folder],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said, log: complaint + said };
}

const count = (text: string, part: string) => text.split(part).length - 1;

Deno.test("tests that pass in lanes end in one line that counts them, each in an environment of its own", async () => {
  const setting = `const name = "LANES_OF_A_TEST";
Deno.test("finds nothing of the other lane", () => {
  if (Deno.env.get(name)) throw new Error("a setting has crossed");
  Deno.env.set(name, "1");
});
Deno.test("with a step", async (t) => void await t.step("a step", () => {}));
Deno.test.ignore("left out", () => {});
`;
  await inFolder({ "a_test.ts": setting, "b_test.ts": setting }, async (folder) => {
    const { code, said, log } = await runLanes(folder);
    assertEquals(code, 0, log);
    assertMatch(log, /Tests in 2 files in 2 lanes: about \d+ s/);
    assertMatch(
      said.trim().split("\n").at(-1)!,
      /^ok \| 4 passed \(2 steps\) \| 0 failed \| 2 ignored \(\d+:\d\d\)$/,
    );
    assertEquals([count(said, " passed"), count(said, "ERRORS")], [1, 0], said);
    // What a file says stays together.
    const blocks = said.split(/^running /m).slice(1).map((block) => block.split("\n"));
    assertEquals(blocks.length, 2);
    for (const lines of blocks) {
      const rest = lines.slice(1, 6).map((line) => line.replace(/ \(.*/, "").trim());
      assertEquals(rest, [
        "finds nothing of the other lane ... ok",
        "with a step ...",
        "a step ... ok",
        "with a step ... ok",
        "left out ... ignored",
      ]);
    }
    // What is not the project's says nothing of how long its tests take.
    const file = join(root, "out", "tests", "seconds.json");
    const kept = await Deno.readTextFile(file).catch(() => ""); // none in another setting
    assertEquals(kept.includes(basename(folder)), false, kept);
  });
});

Deno.test("what fails in any lane, or ends one, is in one list, one count and the exit code", async () => {
  const files = {
    "fails_test.ts": 'Deno.test("fails", () => { throw new Error("as it must"); });\n' +
      'Deno.test("passes", () => {});',
    // What it says looks like the end of a run.
    "tells_test.ts": 'Deno.test("tells", () => { throw new Error(' +
      '"told\\n ERRORS \\nrunning 1 test from ./a\\n FAILURES \\nok | 9 passed | 0 failed (1s)"); });',
    "outside_test.ts": 'throw new Error("outside of all tests");',
    "ended_test.ts": 'Deno.test("ended", () => Deno.kill(Deno.pid, "SIGKILL"));',
    "unread_test.ts": "const a: = 3;",
  };
  await inFolder(files, async (folder) => {
    const { code, said, log } = await runLanes(folder);
    assertEquals(code, 1, log);
    const last = said.trim().split("\n").at(-1)!;
    assertMatch(last, /^FAILED \| 1 passed \| 5 failed \(\d+:\d\d\)$/);
    assertEquals(count(said, "\n ERRORS \n"), 2, said); // the one that is told, too
    const [, errors] = said.split(/\n ERRORS \n([\s\S]*)/);
    for (const each of ["as it must", "told", "outside of all tests"]) {
      assertStringIncludes(errors, each);
    }
    assertMatch(errors, /\S*ended_test\.ts: the program with its tests ended early by SIGKILL/);
    assertMatch(errors, /\S*unread_test\.ts: the program with its tests ended early$/m);
    assertStringIncludes(said, "Unexpected token");
    const [, failures] = errors.split(/\n FAILURES \n(?![\s\S]* FAILURES )/);
    for (const each of ["fails =>", "tells =>", "outside_test.ts (uncaught error)"]) {
      assertStringIncludes(failures, each);
    }
    assertEquals(log.includes("Test failed"), false);
  });
});

Deno.test({
  name: "Ctrl-C in a terminal ends the tests of all lanes, and says how far they came",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const mark = crypto.randomUUID();
    const waits = 'Deno.test("waits", () => new Promise((resolve) => setTimeout(resolve, 1e6)));';
    const files = { "a_test.ts": waits, "b_test.ts": waits };
    await inFolder(files, async (folder) => {
      const { code, printed } = await inTerminal(
        [tessera, "test", "--lanes=2", folder],
        [["a (0:", ""], ["b (0:", "\x03"]],
        { env: { LANES_TEST_MARK: mark } },
      );
      assertEquals(code, 130, printed);
      assertMatch(printed, /0 of 2 files, [ab] \(0:\d\d\), [ab] \(0:/);
      assertMatch(printed, /waits => \S*a_test\.ts/); // what was pending
      assertMatch(printed, /waits => \S*b_test\.ts/);
      assertMatch(printed.trim().split("\n").at(-1)!, /STOPPED \| 0 passed \| 0 failed \(/);
      assert(await until(() => marked(mark).length === 0, 10), "something runs on");
    });
  },
});

Deno.test("test takes lanes that are a number, and no option of deno test beside them", async () => {
  const said = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command(tessera, { args: ["test", ...args] }).output();
    assertEquals(code, 2);
    return new TextDecoder().decode(stderr);
  };
  assertStringIncludes(await said("--lanes=none"), "--lanes=N takes a whole number from 1");
  assertStringIncludes(await said("--lanes=2", "--filter", "x"), "test takes no --filter beside");
});

Deno.test("there are two lanes where two cores and the memory of both are free, and many tests", () => {
  const rooms = [[1, 64e9], [2, 5.9e9], [2, 6e9], [2, 1e9], [16, 64e9]] as const;
  assertEquals(rooms.map(([cores, memory]) => roomForLanes(cores, memory)), [1, 1, 2, 1, 2]);
  const all = testFiles();
  assertEquals([lanesFor(all, 2), lanesFor(all, 1), lanesFor([all[0]], 2)], [2, 1, 1]);
  assertEquals(lanesFor(["tests/random_test.ts", "tests/architecture_test.ts"], 2), 1);
  assertEquals(expectedInLanes(all, 2), expectedSeconds(all) / 2);
  assertEquals(expectedInLanes(all.slice(0, 1), 2), expectedSeconds(all.slice(0, 1)));
});

Deno.test("lanes take each file once, the longest and the shortest, in batches that grow small", () => {
  const files = Array.from({ length: 60 }, (_, at) => `${at}`);
  const queue = new TestQueue(files, files.map(Number));
  assertEquals(queue.take("longest"), ["59"]);
  assertEquals(queue.take("shortest"), ["0", "1", "2", "3", "4", "5", "6"]);
  const taken = [queue.take("longest"), queue.take("longest")].flat();
  while (!queue.isEmpty) taken.push(...queue.take("shortest"));
  assertEquals(taken.length, 60 - 8);
  assertEquals(new Set(taken).size, taken.length);
  assertEquals([taken[0], taken.at(-1)], ["58", "56"]);
  assertEquals(queue.take("longest"), []);
  const short = new TestQueue(["a", "b", "c", "d"], [2, 2, 2, 2]);
  assertEquals(short.take("shortest").length, 1);
  assertEquals(short.takeAll().length, 3);
});

Deno.test("TestOutput gives a file's lines once it is over, and what the run comes to", () => {
  const blocks: string[] = [];
  const output = new TestOutput(
    ["tests/a_test.ts", "tests/b_test.ts"],
    (text) => blocks.push(text),
  );
  const add = (text: string) => text.split("\n").forEach((line) => output.add(line));
  add("\x1b[38;5;245mrunning 1 test from ./tests/a_test.ts\x1b[0m\none ... ok (1ms)");
  assertEquals([output.file, blocks.length], ["tests/a_test.ts", 0]);
  add("running 1 test from ./tests/b_test.ts\ntwo ... FAILED (1ms)\n");
  assertEquals(blocks, [
    "\x1b[38;5;245mrunning 1 test from ./tests/a_test.ts\x1b[0m\none ... ok (1ms)",
  ]);
  add(
    " ERRORS \n\ntwo => here\nrunning 1 test from ./tests/a_test.ts\n\n FAILURES \n\ntwo => here\n",
  );
  add("\x1b[31mFAILED\x1b[0m | 1 passed (2 steps) | 1 failed (1 step) | 3 ignored (2s)\n");
  const { counts, errors, failures } = output.end();
  assertEquals(blocks[1], "running 1 test from ./tests/b_test.ts\ntwo ... FAILED (1ms)");
  assertEquals(errors, "two => here\nrunning 1 test from ./tests/a_test.ts");
  assertEquals(failures, "two => here");
  const sum = sumOf(counts!, { ...noCounts, passed: 4, failedSteps: 2 });
  assertEquals(describeCounts(sum), "5 passed (2 steps) | 1 failed (3 steps) | 3 ignored");
});
