/**
 * `./tessera test --fallback`: what runs where TensorFlow cannot be installed. The tests of the checks and of
 * what they build on, and all notebooks in quick mode, on tfjs's WASM backend.
 */
import { relative } from "node:path";
import { exitCodeOf } from "../lib/platform/signals.ts";
import { clock, foreground, root } from "./command.ts";
import { notebooksIn, sourceFolder } from "./notebooks.ts";
import { testFiles } from "./test_files.ts";
import { expectedInLanes, lanesFor, testInLanes } from "./test_lanes.ts";
import { expectedSeconds, noteSeconds, roughly } from "./test_results.ts";

/** Folders and files of tests that hold on any backend. */
const tests = [
  ...["tests/exercises", "tests/nn", "tests/models", "tests/augmentations"],
  "tests/tensor/wasm_test.ts",
];
/** How many times as long as on native TensorFlow these tests take. */
const slowness = 2;

/** One command that must end well. */
interface Part {
  title: string;
  seconds: number;
  /** Runs it in an environment of these variables beside the others; the exit code. */
  run(env: Record<string, string>): Promise<number>;
}

/** Says how long it will take, runs all of it, and gives the exit code. */
export async function testOnFallback(askedLanes?: number): Promise<number> {
  const files = tests.flatMap((each) => testFiles(each));
  const lanes = askedLanes ?? lanesFor(files);
  const notebooks = notebooksIn(sourceFolder).map((path) => relative(root, path));
  const runNotebook = ["run", "--quiet", "--allow-all", "tools/run.ts"];
  const parts: Part[] = [
    {
      title: "tests of checks, layers and models",
      seconds: slowness * expectedInLanes(files, lanes),
      run: async (env) => {
        const environment = { ...Deno.env.toObject(), ...env };
        const print = (text: string) => console.log(text);
        return (await testInLanes(files, { lanes, environment, print })).code;
      },
    },
    ...notebooks.map((path) => ({
      title: path,
      seconds: expectedSeconds([path]),
      run: (env: Record<string, string>) => foreground("deno", [...runNotebook, path], { env }),
    })),
  ];
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  console.error(`On WASM, as where TensorFlow cannot be installed, about ${roughly(total)}:`);
  for (const { title, seconds } of parts) {
    console.error(`  about ${roughly(seconds).padStart(6)}  ${title}`);
  }

  const begun = performance.now();
  const failed: string[] = [];
  for (const { title, run } of parts) {
    const started = performance.now();
    const env = { TESSERA_BACKEND: "wasm", TESSERA_QUICK: "1", TESSERA_CALLER: root };
    const code = await run(env);
    if (code === exitCodeOf("SIGINT")) return code;
    if (code !== 0) failed.push(title);
    else if (notebooks.includes(title)) {
      noteSeconds({ [title]: Math.round((performance.now() - started) / 1000) });
    }
  }
  for (const title of failed) console.error(`FAILED on WASM: ${title}`);
  const elapsed = clock(performance.now() - begun);
  console.error(`${parts.length - failed.length} of ${parts.length} passed on WASM in ${elapsed}.`);
  return failed.length === 0 ? 0 : 1;
}
