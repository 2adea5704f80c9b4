import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { type GpuMeasurement, gpuTable } from "../../bench/gpu.ts";
import { askDriver } from "../../lib/tensor/graphics_card.ts";
import { CommandError } from "../../tools/command.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { pruneSection, sectionsForCards } from "./kit/prune.ts";
import { parts } from "./parts.ts";
import { endOf, linesOf, runFor, runProgram } from "./program.ts";
import { runTests } from "./tests.ts";
import { readPlan, tryOut } from "./trial.ts";

Deno.test("readPlan: parts in the order given, a time for all, a folder; else what there is", () => {
  const { names, seconds, folder } = readPlan(["unit1", "probe", "--minutes=2.5", "--out=/x/y"]);
  assertEquals({ names, seconds, folder }, {
    names: ["unit1", "probe"],
    seconds: 150,
    folder: "/x/y",
  });
  assertEquals(readPlan([]).names, Object.keys(parts));
  for (const wrong of ["unit9", "--minutes=soon", "--speed=1"]) {
    assertThrows(() => readPlan([wrong]), CommandError, `not "${wrong}". Its parts are:\n  probe`);
  }
});

Deno.test("runFor ends what takes too long, with what it has started", async () => {
  const ended = await runFor(1, "/bin/sh", ["-c", "echo begun; sleep 60 & sleep 60; echo late"]);
  assertEquals([ended.text, ended.timedOut], ["begun\n", true]);
  assertMatch(endOf(ended), /^not at its end after 1 s: begun$/);
  const failed = await runFor(20, "/bin/sh", ["-c", `echo '{"a":1}'; echo wrong >&2; exit 3`]);
  assertEquals([failed.code, linesOf(failed)], [3, [{ a: 1 }]]);
  assertStringIncludes(endOf(failed), "exit code 3: ");
});

Deno.test("tests run a file each; what fails, does not end or has no time is named", async () => {
  await withTemporaryFolder("card-test", async (folder) => {
    const files = await Promise.all(
      Object.entries({
        right: `Deno.test("right", () => {}); Deno.test.ignore("not here", () => {});`,
        wrong: `Deno.test("wrong", () => { throw new Error("as told"); });`,
        broken: `this is no TypeScript`,
      }).map(async ([name, text]) => {
        const file = join(folder, `${name}_test.ts`);
        await Deno.writeTextFile(file, text);
        return file;
      }),
    );
    let told = "";
    const { passed, ignored, failed, unfinished } = await runTests(
      60,
      (text) => told += text,
      files,
    );
    assertEquals([passed, ignored, failed.length, unfinished.length], [1, 1, 1, 1]);
    assertMatch(failed[0], /wrong_test\.ts: wrong$/);
    assertMatch(unfinished[0], /broken_test\.ts: exit code 1/);
    assertStringIncludes(told, "as told");
    assertEquals((await runTests(0, () => {}, files)).left.length, 3);
  });
});

Deno.test("a part that fails does not stop the others, and one without time is left out by name", async () => {
  const { log } = console;
  const before = { ...parts };
  console.log = () => {};
  try {
    await withTemporaryFolder("card-trial", async (folder) => {
      for (const name of Object.keys(parts)) delete parts[name];
      Object.assign(parts, {
        bad: { what: "nothing", seconds: 5, run: () => Promise.reject(new Error("no card")) },
        good: {
          ...{ what: "much", seconds: 5 },
          run: ({ seconds, onCard, tell }: Parameters<typeof before.probe.run>[0]) => {
            tell("at length");
            return Promise.resolve([`${seconds} s, ${onCard}`, "| a | row |"]);
          },
        },
      });
      const names = ["bad", "good"];
      assertEquals(await tryOut({ names, seconds: 60, folder }, false), 1);
      const report = await Deno.readTextFile(join(folder, "report.md"));
      assertMatch(report, /^# Tried out on the processor, 20/);
      assertStringIncludes(report, "## bad: nothing (0 s)\n\n- ended with an error: no card\n");
      assertStringIncludes(report, "## good: much (0 s)\n\n- 5 s, false\n| a | row |\n");
      assertStringIncludes(await Deno.readTextFile(join(folder, "details.txt")), "at length");
      await tryOut({ names, seconds: 1, folder }, true);
      const late = await Deno.readTextFile(join(folder, "report.md"));
      assertStringIncludes(late, "## good: left out, there was no time for much");
      assertMatch(late, /^# On a graphics card/);
    });
  } finally {
    for (const name of Object.keys(parts)) delete parts[name];
    Object.assign(parts, before);
    console.log = log;
  }
});

Deno.test("bench --device gpu says at once where there is no card", {
  ignore: askDriver().problem === undefined,
}, async () => {
  const { text, code } = await runProgram(60, "bench/main.ts", ["--device", "gpu"]);
  assertEquals(code, 1);
  assertMatch(text, /^tessera: bench: --device gpu, but .*\n$/);
});

Deno.test("prune zeroes the code of other cards, and keeps the rest where it is", () => {
  // Two entries of 16 bytes in one container, for 70 and 90, and one of PTX.
  const header = 64, code = 16, kinds = [[2, 70], [2, 90], [1, 90]];
  const section = new DataView(new ArrayBuffer(24 + kinds.length * (header + code)));
  section.setUint32(8, 0xba55ed50, true);
  section.setUint16(14, 16, true);
  section.setBigUint64(16, BigInt(kinds.length * (header + code)), true);
  kinds.forEach(([kind, architecture], index) => {
    const at = 24 + index * (header + code);
    section.setUint16(at, kind, true);
    section.setUint32(at + 4, header, true);
    section.setBigUint64(at + 8, BigInt(code), true);
    section.setUint32(at + 28, architecture, true);
    new Uint8Array(section.buffer, at + header, code).fill(7);
  });
  assertEquals(pruneSection(section, 90), 2 * code);
  const sums = kinds.map((_, index) =>
    new Uint8Array(section.buffer, 24 + index * (header + code) + header, code).reduce((a, b) =>
      a + b
    )
  );
  assertEquals(sums, [0, 7 * code, 0]);
  assertThrows(() => sectionsForCards(new DataView(new ArrayBuffer(64))), TypeError, "no library");
});

Deno.test("the card's table has the better PyTorch, and a dash for a side that did not run", () => {
  const measurements: GpuMeasurement[] = [
    {
      ...{ case: "ResNet-18", kind: "step", precision: "float32" },
      milliseconds: { Tessera: [6, 5, 6.4], PyTorch: [9, 8, 9], "torch.compile": [12] },
    },
    {
      case: "ViT",
      kind: "step",
      precision: "tf32",
      milliseconds: { Tessera: [4], PyTorch: [12.34] },
    },
    { case: "ViT", kind: "inference", precision: "tf32", milliseconds: { PyTorch: [2] } },
  ];
  const lines = gpuTable(measurements, "Measured on a card.").split("\n");
  assertEquals(lines[0], "Measured on a card.");
  assertEquals(lines.slice(4), [
    "| ResNet-18 | step | float32 | 6.00 | 9.00 | 12.0 | **1.50** | 21,333 |",
    "| ViT | step | tf32 | 4.00 | 12.3 | – | **3.08** | 32,000 |",
    "| ViT | inference | tf32 | – | 2.00 | – | – | – |",
    "",
  ]);
});
