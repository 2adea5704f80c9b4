/** What `./tessera bench` keeps: each machine's results in a file of their own, and pages made from all of them. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { cases } from "../../bench/cases.ts";
import {
  allKept,
  type KeptResults,
  type Kind,
  type Measurement,
  merged,
  noResults,
  parsedResults,
  readResults,
  writeResults,
} from "../../bench/kept_results.ts";
import { type BenchMachine, slugOf, titleOf } from "../../bench/machine.ts";
import { isAsMadeNow, remainingSeconds } from "../../bench/plan.ts";
import { readmeSection, shortTable, table, wholePage, withSection } from "../../bench/report.ts";
import { median, medianInterval } from "../../bench/statistics.ts";
import { CommandError, root } from "../../tools/command.ts";

const processor = "AMD EPYC, family 25, model 17";
const machine: BenchMachine = {
  ...{ processor, instructions: "AVX-512", threads: 2, system: "linux x86_64" },
};
const held: BenchMachine = { ...machine, instructions: "AVX2", heldFrom: "AVX-512" };

const versions = {
  tensorFlow: "TensorFlow 2.21.0",
  pyTorch: "2.13.0",
  deno: "2.8.1",
  tessera: "ab",
};

/** A step that takes 10 ms, 20 ms in PyTorch and 15 ms by torch.compile. */
function measurement(name: string, kind: Kind = "step", turns = 21): Measurement {
  const side = (time: number) => ({
    milliseconds: Array.from({ length: turns }, () => time),
    ...{ peakMegabytes: 10 * time, startSeconds: 2, firstMilliseconds: 100 * time },
  });
  return {
    ...{ case: name, kind, images: 128, workers: 0, parameterCount: 7, versions },
    ...{ date: "2026-11-26", tessera: side(10), pyTorch: side(20), compiled: side(15) },
  };
}

const resultsOf = (machine: BenchMachine, ...measurements: Measurement[]): KeptResults => ({
  ...noResults(machine),
  measurements,
});

Deno.test("the README and the page of all numbers are made of the kept results", async () => {
  const all = await allKept();
  const readme = await Deno.readTextFile(join(root, "README.md"));
  assertEquals(readme, withSection(readme, readmeSection(all)), "run: ./tessera bench");
  const page = await Deno.readTextFile(join(root, "bench", "results", "benchmark.md"));
  assertEquals(page, wholePage(all));
});

Deno.test("each kept machine has its name above its table, and a chart", async () => {
  const readme = await Deno.readTextFile(join(root, "README.md"));
  for (const results of await allKept()) {
    const [, after] = readme.split(`### ${titleOf(results.machine)}\n`);
    assertStringIncludes(after, shortTable(results));
    await Deno.stat(join(root, "bench", "results", `${slugOf(results.machine)}.svg`));
  }
});

Deno.test("other processors, instructions and threads have files of other names", () => {
  const machines = [
    machine,
    held,
    { ...machine, instructions: "AVX2" },
    { ...machine, threads: 4 },
    { ...machine, processor: "AMD EPYC, family 26, model 2" },
  ];
  const names = machines.map(slugOf);
  assertEquals(new Set(names).size, machines.length, names.join());
  assertEquals(names[0], "amd-epyc-family-25-model-17-avx-512-2-threads");
  const intel = "Intel(R) Xeon(R) Processor";
  assertEquals(slugOf({ ...machine, processor: intel }), "intel-xeon-processor-avx-512-2-threads");
  assertEquals(
    titleOf({ ...held, processor: intel, threads: 1 }),
    "Intel Xeon Processor, 1 thread, AVX2 (has AVX-512, all sides held to AVX2)",
  );
});

Deno.test("new measurements take the place of those of the same case and kind alone", () => {
  const old = resultsOf(machine, measurement("ResNet-18"), measurement("ResNet-18", "inference"));
  old.others = { "ResNet-18": { eager: 5 } };
  const renewed = { ...measurement("ResNet-18"), date: "2027-01-01" };
  const { measurements, others } = merged(old, resultsOf(machine, renewed, measurement("new")));
  const dates = measurements.map((each) => `${each.case} ${each.kind} ${each.date}`);
  assertEquals(dates.sort(), [
    "ResNet-18 inference 2026-11-26",
    "ResNet-18 step 2027-01-01",
    "new step 2026-11-26",
  ]);
  assertEquals(others, old.others);
});

Deno.test("results of another machine, and what are none, are refused and stay as they are", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, `${slugOf(machine)}.json`);
    assertEquals(await readResults(file, machine), noResults(machine));
    const foreign = resultsOf(held, measurement("ResNet-18"));
    await writeResults(file, foreign);
    const error = await assertRejects(() => readResults(file, machine), CommandError);
    assertStringIncludes(error.message, `has results of another machine, ${titleOf(held)}`);
    await assertRejects(() => allKept(folder), CommandError, "belong in");
    assertEquals(JSON.parse(await Deno.readTextFile(file)), foreign);
    await writeResults(file, resultsOf(machine, measurement("ResNet-18")));
    assertEquals((await readResults(file, machine)).measurements.length, 1);
    assertEquals((await allKept(folder)).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const half = { ...resultsOf(machine, measurement("ResNet-18")) };
  half.measurements[0].pyTorch.milliseconds.pop();
  for (const text of ["", "[]", "null", "{}", '{"format":1}', JSON.stringify(half)]) {
    assertThrows(() => parsedResults(text, "x.json"), CommandError, "x.json holds no results");
  }
});

Deno.test("an interrupted run goes on only with what the same programs have measured as often", () => {
  const now = { versions, withoutCompile: null };
  assertEquals(isAsMadeNow(measurement("a"), now), true);
  assertEquals(isAsMadeNow(measurement("a", "step", 3), now), false);
  for (const name of Object.keys(versions)) {
    const other = { ...versions, [name]: "another" };
    assertEquals(isAsMadeNow(measurement("a"), { ...now, versions: other }), false, name);
  }
  const without = { ...measurement("a"), compiled: "no C++ compiler" };
  assertEquals(isAsMadeNow(without, now), false);
  assertEquals(isAsMadeNow(without, { ...now, withoutCompile: "no C++ compiler" }), true);
  // An epoch has no torch.compile either way.
  const epoch = { ...measurement("a", "epoch", 5), compiled: "not measured" };
  assertEquals(isAsMadeNow(epoch, now), true);
});

Deno.test("what is left of a run is told by how fast the machine was so far", () => {
  const [first, second] = cases.map((work) => ({ work, kind: "step" }) as const);
  const whole = remainingSeconds([], [first, second]);
  const done = [{ piece: first, seconds: 2 * remainingSeconds([], [first]) }];
  const left = remainingSeconds([], [second]);
  assertEquals(Math.round(remainingSeconds(done, [second])), Math.round(2 * left));
  assertEquals(remainingSeconds(done, []), 0);
  const minutes = cases.flatMap((work) =>
    (["step", "inference"] as const).map((kind) => ({ work, kind }))
  );
  const seconds = remainingSeconds([], minutes);
  const shorter = remainingSeconds([], minutes, { withoutCompile: true });
  assertEquals(remainingSeconds([], minutes, { isQuick: true }) < seconds, true);
  assertEquals(shorter < seconds, true);
  assertEquals(seconds > whole && seconds <= 25 * 60, true, `${seconds}`);
});

Deno.test("a table of a machine has all that was measured, and says what was not", () => {
  const results = resultsOf(machine, measurement("ResNet-18"), {
    ...measurement("ResNet-18", "inference"),
    compiled: "no C++ compiler",
  });
  const text = shortTable(results);
  assertStringIncludes(text, "| ResNet-18         | **2.00** (2.00–2.00) | **1.50** (1.50–1.50) |");
  assertEquals(text.includes("Inference, torch.compile"), false);
  assertStringIncludes(
    wholePage([results]).replaceAll("\n", " "),
    "torch.compile: no C++ compiler.",
  );
  assertStringIncludes(readmeSection([results, resultsOf(held, measurement("x"))]), titleOf(held));
  assertThrows(() => withSection("# Tessera", "x"), Error, "README.md has no");
  assertEquals(table(["a"], [["long"]]), "| a    |\n| ---- |\n| long |");
});

Deno.test("a median lies in its interval, whose ranks are those of the binomial law", () => {
  const values = Array.from({ length: 21 }, (_, index) => index + 1);
  assertEquals(median(values), 11);
  assertEquals(medianInterval(values), [6, 16]); // in tables of the sign test: 95 % of 21
  assertEquals(medianInterval([3]), [3, 3]);
});
