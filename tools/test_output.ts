/** What `deno test` prints, read while it comes: a block for each file, and in the end what failed and why. */
import { stripVTControlCharacters } from "node:util";

/** How many tests a run counts, and how many steps of theirs. */
export interface Counts {
  passed: number;
  passedSteps: number;
  failed: number;
  failedSteps: number;
  ignored: number;
}

export const noCounts: Readonly<Counts> = {
  ...{ passed: 0, passedSteps: 0, failed: 0, failedSteps: 0, ignored: 0 },
};

/** What the whole of the output comes to. */
export interface TestEnd {
  /** Undefined where the output has no last line with them: the program was ended. */
  counts?: Counts;
  /** The text under `ERRORS` and under `FAILURES`, empty where all passed. */
  errors: string;
  failures: string;
}

/** Reads one program's output, line by line. */
export class TestOutput {
  /** The file whose tests run. */
  file?: string;
  #lines: string[] = [];
  readonly #coming: Set<string>;
  readonly #onBlock: (text: string) => void;

  /**
   * `files` are those that run, as paths from the project's folder; `onBlock` gets what belongs to one of them,
   * as it was printed, once that is over.
   */
  constructor(files: readonly string[], onBlock: (text: string) => void) {
    this.#coming = new Set(files);
    this.#onBlock = onBlock;
  }

  add(line: string): void {
    const file = /^running \d+ tests? from (?:\.\/)?(.+)$/.exec(plain(line))?.[1];
    // A test's error may hold such lines too, of tests that it ran.
    if (file && this.#coming.delete(file)) {
      this.#flush(this.#lines);
      this.#lines = [];
      this.file = file;
    }
    this.#lines.push(line);
  }

  /** To be called once, after the last line. */
  end(): TestEnd {
    this.file = undefined;
    const texts = this.#lines.map(plain);
    const summary = texts.findLastIndex((text) => /^(ok|FAILED) \| \d+ passed/.test(text));
    if (summary < 0) {
      this.#flush(this.#lines);
      return { errors: "", failures: "" };
    }
    // A test's error may hold such headings too: the outermost count.
    const errors = texts.indexOf(" ERRORS "), failures = texts.lastIndexOf(" FAILURES ");
    const between = (from: number, to: number) =>
      from < 0 ? "" : this.#lines.slice(from + 1, to).join("\n").replace(/^\s*\n|\s+$/g, "");
    this.#flush(this.#lines.slice(0, errors < 0 ? summary : errors));
    return {
      counts: countsIn(texts[summary]),
      errors: between(errors, failures < 0 ? summary : failures),
      failures: between(failures, summary),
    };
  }

  #flush(lines: readonly string[]): void {
    const text = lines.join("\n").trimEnd();
    if (text !== "") this.#onBlock(text);
  }
}

/** A line without its colours. */
export const plain = (line: string): string => stripVTControlCharacters(line);

function countsIn(summary: string): Counts {
  const counts = { ...noCounts };
  const pattern = /(\d+) (passed|failed|ignored)(?: \((\d+) steps?\))?/g;
  for (const [, tests, kind, steps = "0"] of summary.matchAll(pattern)) {
    counts[kind as "passed" | "failed" | "ignored"] = Number(tests);
    if (kind !== "ignored") counts[`${kind as "passed" | "failed"}Steps`] = Number(steps);
  }
  return counts;
}

/** `5 passed (2 steps) | 0 failed | 1 ignored`, as `deno test` words it. */
export function describeCounts(counts: Counts): string {
  const { passed, passedSteps, failed, failedSteps, ignored } = counts;
  const steps = (count: number) => count === 0 ? "" : ` (${count} step${count === 1 ? "" : "s"})`;
  const parts = [`${passed} passed${steps(passedSteps)}`, `${failed} failed${steps(failedSteps)}`];
  if (ignored > 0) parts.push(`${ignored} ignored`);
  return parts.join(" | ");
}

/** The counts of two programs together. */
export function sumOf(one: Counts, other: Counts): Counts {
  const names = Object.keys(noCounts) as (keyof Counts)[];
  return Object.fromEntries(
    names.map((name) => [name, one[name] + other[name]]),
  ) as unknown as Counts;
}
