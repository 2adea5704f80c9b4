/** What a run of the tests left: how many passed, which failed, and how long each file took. */
import { writeTextAtomicallySync } from "../lib/platform/files.ts";
import { join } from "node:path";
import { root } from "./command.ts";

export interface TestResults {
  passed: number;
  /** `FILE: NAME` of each test that failed. */
  failed: string[];
  ignored: number;
  /** By file, from the project's folder. */
  secondsOfFile: Record<string, number>;
}

/**
 * The seconds of tests, and of notebooks on WASM, on the machine that the course is made on; and those of this
 * machine's last runs.
 */
const given = join(root, "tests", "seconds.json");
const measured = join(root, "out", "tests", "seconds.json");

/** Reads the report that `deno test --junit-path` writes. */
export function readReport(xml: string): TestResults {
  const results: TestResults = { passed: 0, failed: [], ignored: 0, secondsOfFile: {} };
  for (const [, attributes, body] of xml.matchAll(/<testsuite (.*?)>(.*?)<\/testsuite>/gs)) {
    const file = plain(/\bname="(.*?)"/.exec(attributes)![1]).replace(/^\.\//, "");
    let seconds = 0;
    for (const match of body.matchAll(/<testcase (.*?)(\/>|>(.*?)<\/testcase>)/gs)) {
      const [, settings, , inside = ""] = match;
      const name = plain(/\bname="(.*?)"/.exec(settings)![1]);
      seconds += Number(/\btime="(.*?)"/.exec(settings)?.[1] ?? 0);
      if (/<(failure|error)\b/.test(inside)) results.failed.push(`${file}: ${name}`);
      else if (/<skipped\b/.test(inside)) results.ignored++;
      else results.passed++;
    }
    results.secondsOfFile[file] = Math.round(seconds * 10) / 10;
  }
  return results;
}

const characters: Record<string, string> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };

function plain(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name) => characters[name] ?? whole);
}

/** About how many seconds these files will take, one after the other. */
export function expectedSeconds(files: readonly string[]): number {
  return secondsOfEach(files).reduce((sum, seconds) => sum + seconds, 0);
}

/** About how many seconds each of these files will take; one that is not known counts as the mean of the tests. */
export function secondsOfEach(files: readonly string[]): number[] {
  const known = { ...secondsIn(given), ...secondsIn(measured) };
  const all = Object.entries(known).flatMap(([file, seconds]) =>
    file.endsWith("_test.ts") ? seconds : []
  );
  const mean = all.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, all.length);
  // Each file is a program of its own, which starts and loads the library.
  return files.map((file) => (known[file] ?? mean) + 0.3);
}

/** Notes how long files took here, of those that are the project's. */
export function noteSeconds(secondsOfFile: Record<string, number>): void {
  try {
    Deno.mkdirSync(join(root, "out", "tests"), { recursive: true });
    const known = { ...secondsIn(measured), ...secondsOfFile };
    const own = Object.entries(known).filter(([file]) => !file.startsWith(".."));
    const sorted = Object.fromEntries(own.sort());
    writeTextAtomicallySync(measured, JSON.stringify(sorted, null, 2) + "\n");
  } catch {
    // An installation that only others may write; the next estimate is by the given times.
  }
}

function secondsIn(file: string): Record<string, number> {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return {};
  }
}

/** `40 s` or `6 min`, as rough as an estimate is. */
export function roughly(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`;
  return `${Math.max(1, Math.round(seconds / 60))} min`;
}
