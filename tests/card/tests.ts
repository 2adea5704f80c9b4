/** The library's tests as many processes beside each other, a file each. */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findTests, testFiles } from "../../tools/test_files.ts";
import { readReport, secondsOfEach } from "../../tools/test_results.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { endOf, runFor } from "./program.ts";

/** What computes, and so may hang on the device. Whoever has a whole set-up there runs `./tessera test`. */
const folders = ["tensor", "nn", "augmentations", "models", "training", "exercises", "datasets"];
/** One file may take so long; some wait for programs that a machine without a set-up does not have. */
const secondsOfFile = 110;
/** Each process takes about a gigabyte of the card. */
const mostAtOnce = 15;

export interface TestCounts {
  passed: number;
  ignored: number;
  failed: string[];
  /** Files that were not at their end in time, or ended without a report, each with how. */
  unfinished: string[];
  /** Files for which there was no time. */
  left: string[];
}

/** Runs the test files for so many seconds at most, the longest first; `tell` gets what fails, whole. */
export async function runTests(
  seconds: number,
  tell: (text: string) => void,
  files: readonly string[] = folders.flatMap((each) => testFiles(findTests(each))),
): Promise<TestCounts> {
  const end = performance.now() + seconds * 1000;
  const expected = secondsOfEach(files);
  const waiting = [...files].sort((a, b) =>
    expected[files.indexOf(b)] - expected[files.indexOf(a)]
  );
  const counts: TestCounts = { passed: 0, ignored: 0, failed: [], unfinished: [], left: [] };
  await withTemporaryFolder("card-tests", async (folder) => {
    const runSome = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        const remaining = (end - performance.now()) / 1000;
        if (remaining < 5) {
          counts.left.push(file);
          continue;
        }
        const report = join(folder, `${file.replaceAll("/", "-")}.xml`);
        const options = [
          "test",
          "-A",
          "--quiet",
          "--no-check",
          "--config",
          join(root, "deno.json"),
        ];
        const ended = await runFor(Math.min(secondsOfFile, remaining), Deno.execPath(), [
          ...options,
          `--junit-path=${report}`,
          file,
        ]);
        try {
          const { passed, ignored, failed } = readReport(await Deno.readTextFile(report));
          counts.passed += passed;
          counts.ignored += ignored;
          counts.failed.push(...failed);
        } catch {
          counts.unfinished.push(`${file}: ${endOf(ended)}`);
        }
        if (ended.code !== 0) tell(`== ${file}\n${ended.text}`);
      }
    };
    const lanes = Math.max(1, Math.min(mostAtOnce, navigator.hardwareConcurrency - 1));
    await Promise.all(Array.from({ length: lanes }, runSome));
  });
  return counts;
}
