/**
 * The tests in lanes that run at the same time: most of the suite waits for kernels, servers and browsers that
 * it starts. Each lane runs a `deno test` after the other, so that no setting of one reaches the other.
 */
import { join } from "node:path";
import { readTextIfThere } from "../lib/platform/files.ts";
import { endSignals, exitCodeOf, onSignals, type Signal } from "../lib/platform/signals.ts";
import { clock, lastingCommand, program, root } from "./command.ts";
import { linesOf } from "./lines.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";
import { LaneProgress } from "./test_progress.ts";
import { type Counts, describeCounts, noCounts, plain, sumOf, TestOutput } from "./test_output.ts";
import { TestQueue } from "./test_queue.ts";
import { expectedSeconds, readReport, secondsOfEach, type TestResults } from "./test_results.ts";

/** What one lane may hold: a browser, a server of JupyterLab's and its kernels, and a test beside them. */
const laneMemory = 3e9;

/** How many seconds of tests are worth a second lane, in which their output comes a file at a time. */
const worthLanes = 40;

/** How many lanes there is room for: two, where there are two cores and memory for both. */
export function roomForLanes(
  cores = navigator.hardwareConcurrency,
  memory = Math.min(Deno.systemMemoryInfo().available, memoryOfContainer()),
): number {
  return Math.max(1, Math.min(2, cores, Math.floor(memory / laneMemory)));
}

/** What a container may take of the machine's memory, without end where nothing limits it. */
function memoryOfContainer(): number {
  const files = ["memory.max", "memory/memory.limit_in_bytes"];
  const limits = files.map((file) => Number(readTextIfThere(`/sys/fs/cgroup/${file}`)));
  return limits.find((bytes) => bytes > 0) ?? Infinity;
}

/** In how many lanes to run files: in one where they are soon done. */
export function lanesFor(files: readonly string[], room = roomForLanes()): number {
  return files.length > 1 && expectedSeconds(files) > worthLanes ? room : 1;
}

/** About how many seconds files will take in so many lanes. */
export function expectedInLanes(files: readonly string[], lanes: number): number {
  return Math.max(...secondsOfEach(files), expectedSeconds(files) / lanes);
}

export interface LaneOptions {
  lanes: number;
  /** The programs' whole environment. Default: this one's. */
  environment?: Record<string, string>;
  /** Prints lines: what the tests say, a file at a time, and in the end what failed. */
  print: (text: string) => void;
}

export interface LaneResults extends TestResults {
  code: number;
  /** What asked for the end before the end. */
  signal?: Signal;
}

/** Runs the files to their end, or until a signal asks for one; the last line printed counts what passed. */
export async function testInLanes(
  files: readonly string[],
  options: LaneOptions,
): Promise<LaneResults> {
  return await withTemporaryFolder("test", async (folder) => {
    const run = new Run(files, options, folder);
    const endListening = onSignals(endSignals, (signal) => run.stop(signal));
    try {
      return await run.finish();
    } finally {
      endListening();
    }
  });
}

/** One run of the files. */
class Run {
  readonly #options: LaneOptions;
  /** For the reports of `deno test`. */
  readonly #folder: string;
  readonly #queue: TestQueue;
  readonly #progress: LaneProgress;
  readonly #running = new Set<Deno.ChildProcess>();
  #counts: Counts = noCounts;
  #errors: string[] = [];
  #failures: string[] = [];
  readonly #results: TestResults = { passed: 0, failed: [], ignored: 0, secondsOfFile: {} };
  #batches = 0;
  #signal?: Signal;
  #isWell = true;

  constructor(files: readonly string[], options: LaneOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#queue = new TestQueue(files, secondsOfEach(files));
    this.#progress = new LaneProgress(files.length, options.print);
  }

  /** Has what runs end, and begins nothing more. */
  stop(signal: Signal): void {
    this.#signal = signal;
    for (const child of this.#running) {
      try {
        child.kill(signal);
      } catch {
        // it has just ended
      }
    }
  }

  async finish(): Promise<LaneResults> {
    const begun = performance.now();
    const lanes = Array.from({ length: this.#options.lanes }, (_, lane) => this.#runLane(lane));
    try {
      await Promise.all(lanes);
    } finally {
      this.#progress.end();
    }
    this.#printEnd(performance.now() - begun);
    const code = this.#signal ? exitCodeOf(this.#signal) : this.#isWell ? 0 : 1;
    return { ...this.#results, code, signal: this.#signal };
  }

  async #runLane(lane: number): Promise<void> {
    const isAlone = this.#options.lanes === 1;
    while (!this.#signal && !this.#queue.isEmpty) {
      const batch = isAlone
        ? this.#queue.takeAll()
        : this.#queue.take(lane % 2 === 0 ? "longest" : "shortest");
      await this.#runBatch(lane, batch);
    }
  }

  async #runBatch(lane: number, files: readonly string[]): Promise<void> {
    const report = join(this.#folder, `${this.#batches++}.xml`);
    const { environment } = this.#options;
    const child = lastingCommand(program("deno"), {
      // Types are `./tessera check`'s business, so that tests start at once.
      args: ["test", "--quiet", "--allow-all", "--no-check", `--junit-path=${report}`, ...files],
      cwd: root,
      ...(environment ? { clearEnv: true, env: environment } : {}),
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    this.#running.add(child);
    const output = new TestOutput(files, (text) => this.#progress.print(text));
    const add = (line: string) => {
      output.add(line);
      this.#progress.show(lane, output.file);
    };
    await Promise.all([
      eachLine(child.stdout, add),
      // The last line here says it for all lanes.
      eachLine(child.stderr, (line) => plain(line) === "error: Test failed" || add(line)),
    ]);
    const { success, signal } = await child.status;
    this.#running.delete(child);
    const begun = output.file;
    const { counts, errors, failures } = output.end();
    this.#progress.show(lane, undefined);
    this.#isWell &&= success;
    if (errors) this.#errors.push(errors);
    if (failures) this.#failures.push(failures);
    if (counts) {
      this.#counts = sumOf(this.#counts, counts);
      const results = readReport(await Deno.readTextFile(report).catch(() => ""));
      // The report knows of tests alone.
      if (!success && results.failed.length === 0) {
        results.failed.push(`${files.join(", ")}: an error outside of the tests`);
      }
      this.#note(results);
    } else if (!this.#signal) await this.#makeUpFor(lane, files, { begun, signal });
  }

  /** The program of these files has ended early: what it lost, but for the file to blame, runs again. */
  async #makeUpFor(
    lane: number,
    files: readonly string[],
    { begun, signal }: { begun?: string; signal: Deno.Signal | null },
  ): Promise<void> {
    const cause = files.length === 1 ? files[0] : begun;
    if (cause) {
      this.#isWell = false;
      this.#counts = sumOf(this.#counts, { ...noCounts, failed: 1 });
      const how = signal ? `early by ${signal}` : "early";
      const end = `${cause}: the program with its tests ended ${how}`;
      this.#errors.push(end);
      this.#failures.push(end);
      this.#results.failed.push(end);
    }
    for (const file of files) {
      if (file !== cause && !this.#signal) await this.#runBatch(lane, [file]);
    }
  }

  #note({ passed, failed, ignored, secondsOfFile }: TestResults): void {
    this.#results.passed += passed;
    this.#results.failed.push(...failed);
    this.#results.ignored += ignored;
    Object.assign(this.#results.secondsOfFile, secondsOfFile);
  }

  #printEnd(milliseconds: number): void {
    const { print } = this.#options;
    const sections = [["ERRORS", this.#errors], ["FAILURES", this.#failures]] as const;
    for (const [title, texts] of sections) {
      if (texts.length > 0) print(`\n ${title} \n\n${texts.join("\n\n")}`);
    }
    const verdict = this.#signal ? "STOPPED" : this.#isWell ? "ok" : "FAILED";
    print(`\n${verdict} | ${describeCounts(this.#counts)} (${clock(milliseconds)})`);
  }
}

/** Calls `take` with each line that a program prints, its last words included. */
async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => unknown,
): Promise<void> {
  for await (const line of linesOf(stream, { withUnfinished: true })) take(line);
}
