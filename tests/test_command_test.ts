/** `./tessera test`: what it says beforehand and in the end, and the settings of a processor. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { type Machine, processorSettings } from "../tools/processor_settings.ts";
import { filesThatTrain, testFiles } from "../tools/test_files.ts";
import { expectedSeconds, readReport, roughly } from "../tools/test_results.ts";
import { describe } from "../tools/test_settings.ts";

async function tessera(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["test", ...args],
    cwd: root,
    env: { NO_COLOR: "1", RUST_BACKTRACE: "1" },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("tessera test ends a failure without call stacks of Deno's own", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "failing_test.ts");
    await Deno.writeTextFile(file, 'Deno.test("fails", () => { throw new Error("as it must"); });');
    const { code, said } = await tessera(file);
    assertEquals(code, 1);
    assertStringIncludes(said, "as it must");
    assertEquals(said.includes("<unknown>"), false, said);
    assertMatch(said.trim().split("\n").at(-1)!, /Test failed/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tessera test says how long it will take, by the files that it runs", async () => {
  const all = expectedSeconds(testFiles());
  const some = expectedSeconds(testFiles("tests/nn"));
  assert(some > 1 && some < all / 5, `${some} of ${all} s`);
  assertEquals([4, 41, 60, 400].map(roughly), ["5 s", "45 s", "1 min", "7 min"]);
  const { said } = await tessera("tests/training", "--settings=no-such");
  assertStringIncludes(said, 'there is no setting "no-such"');
  const filtered = await tessera("--settings", "--filter", "x");
  assertStringIncludes(filtered.said, "test takes no --filter beside --settings");
  const again = await tessera("--again");
  assertStringIncludes(again.said, "--again goes with --settings");
});

Deno.test("readReport counts by test and names what failed", () => {
  const { passed, failed, ignored, secondsOfFile } = readReport(`<?xml version="1.0"?>
<testsuites name="deno test">
  <testsuite name="./tests/a_test.ts" tests="3">
    <testcase name="a &lt; b" classname="./tests/a_test.ts" time="1.250" line="1" col="6">
    </testcase>
    <testcase name="it &quot;fails&quot;" time="0.500" line="2" col="6">
      <failure message="Uncaught">Error</failure>
    </testcase>
    <testcase name="left out" time="0" line="3" col="6">
      <skipped/>
    </testcase>
  </testsuite>
  <testsuite name="./tests/b_test.ts"><testcase name="one line" time="2"/></testsuite>
</testsuites>`);
  assertEquals([passed, ignored], [2, 1]);
  assertEquals(failed, ['tests/a_test.ts: it "fails"']);
  assertEquals(secondsOfFile, { "tests/a_test.ts": 1.8, "tests/b_test.ts": 2 });
});

const intel: Machine = {
  os: "linux",
  architecture: "x86_64",
  features: new Set("sse4_1 avx2 avx512f avx512bw avx512dq avx512vl".split(" ")),
  cores: 8,
};

/** Titles of settings that a machine lacks. */
const lacking = (machine: Machine) =>
  processorSettings(machine).flatMap(({ title, lacks }) => lacks ? `${title}: ${lacks}` : []);

Deno.test("processorSettings says what a processor lacks", () => {
  assertEquals(lacking(intel), []);
  const older: Machine = { ...intel, features: new Set(["sse4_1", "avx2", "avx512f"]), cores: 1 };
  assertEquals(lacking(older), [
    "oneDNN held to AVX-512: this processor has no AVX-512",
    "two threads: this machine has one core",
  ]);
  const mac: Machine = { os: "darwin", architecture: "aarch64", features: new Set(), cores: 8 };
  assertEquals(lacking(mac).length, 4);
  assertStringIncludes(lacking(mac)[0], "an ARM processor has none");
  const names = processorSettings(intel).map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("the table of settings has a row for each that was tried, and names the others", () => {
  const mac: Machine = { os: "darwin", architecture: "aarch64", features: new Set(), cores: 8 };
  const [native, sse41, avx2] = processorSettings(mac), two = processorSettings(intel)[6];
  const rows = [native, sse41, avx2, two].map((setting) =>
    setting.lacks || setting === two ? { setting } : {
      setting,
      results: { passed: 1200, failed: ["a: b"], again: [], ignored: 2, seconds: 400 },
    }
  );
  assertEquals(
    describe(rows, mac),
    `| Setting     | Environment | Tests | Passed | Failed | Again |  Time |
| ----------- | ----------- | ----- | -----: | -----: | ----: | ----: |
| as it comes |             | all   |   1200 |      1 |     0 | 7 min |

On 8 cores, aarch64, darwin. Not to be had there: oneDNN held to SSE4.1 (an ARM processor has none of x86's ` +
      "instruction sets); oneDNN held to AVX2 (an ARM processor has none of x86's instruction sets). " +
      "Not run there yet: two threads.",
  );
});

Deno.test("testFiles leaves out the specs of others", () => {
  assertEquals(testFiles().filter((file) => file.includes("third_party")), []);
  assertEquals(testFiles("tests/seeds.ts"), ["tests/seeds.ts"]);
});

Deno.test("tests that train can start from other seeds", () => {
  const training = filesThatTrain(testFiles());
  assert(training.includes("tests/models/training_test.ts"));
  assert(training.includes("tests/training/trainer_test.ts"));
  assertEquals(training.includes("tests/random_test.ts"), false);
});
