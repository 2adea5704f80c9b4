/**
 * Tessera, PyTorch and torch.compile side by side, processes that take turns on the same cores, so that a drift of
 * the machine's speed meets all. What counts is the median of the paired ratios, PyTorch's time ÷ Tessera's.
 * PyTorch is no part of the project.
 */
import { dirname } from "node:path";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { root, shown } from "../tools/command.ts";
import { batchSize, type Case, cases, mainCases } from "./cases.ts";
import { compare, otherWays } from "./compare.ts";
import {
  keptFile,
  type KeptResults,
  type Kind,
  kinds,
  type Measurement,
  merged,
  noResults,
  readResults,
  unfinishedFile,
  type Versions,
  writeResults,
} from "./kept_results.ts";
import { benchMachine, type Held, slugOf, titleOf } from "./machine.ts";
import { duration, isAsMadeNow, isOf, type Piece, remainingSeconds, turnsOf } from "./plan.ts";
import { compiledRatios, eagerRatios, fullTable, machineSection, writePages } from "./report.ts";
import { askSides, type Sides } from "./sides.ts";
import { median, medianInterval } from "./statistics.ts";

export interface RunSettings {
  cases: Case[];
  kinds: Kind[];
  held?: Held;
  /** Whether torch.compile is measured too. */
  compile: boolean;
  /** Whether the step is measured eagerly and on WASM as well. */
  others: boolean;
  /** Few turns, and nothing is kept. */
  isQuick: boolean;
  /** Whether what an interrupted run has measured is measured again. */
  anew: boolean;
}

/** The commit of this program, and whether it was changed since; empty where it lies in no repository. */
async function commit(): Promise<string> {
  const said = async (...args: string[]) => {
    const { stdout, success } = await new Deno.Command("git", { args, cwd: root, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  };
  try {
    const changed = await said("status", "--porcelain", "--", "lib", "bench/*.ts", "bench/*.py");
    const name = await said("rev-parse", "--short=10", "HEAD");
    return name && changed ? `${name}, changed` : name;
  } catch {
    return ""; // no git
  }
}

/** Why results are printed alone; undefined where they are kept. */
function whyNotKept({ isQuick }: RunSettings): string | undefined {
  if (isQuick) return "--quick";
  if (batchSize !== 128) return "TESSERA_BENCH_BATCH is set";
  if (Deno.env.get("TESSERA_FUSION")) {
    return "TESSERA_FUSION is set, and the table is of default settings";
  }
}

/** A line for each comparison. */
function lineOf(measurement: Measurement): string {
  const text = (ratios: number[]) => {
    const [low, high] = medianInterval(ratios);
    return `${median(ratios).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  };
  const compiled = compiledRatios(measurement);
  return `${measurement.case}, ${measurement.kind}: PyTorch ÷ Tessera ${
    text(eagerRatios(measurement))
  }, ` +
    (compiled
      ? `torch.compile ÷ Tessera ${text(compiled)}`
      : `torch.compile ${measurement.compiled}`);
}

/** Of a machine's cores so many may be busy with other things. */
const quietLoad = 0.5;

/** Compares what is asked for and left, and makes the tables anew. */
export async function compareAll(
  settings: RunSettings,
  sides: Sides,
  threads: number,
): Promise<void> {
  const { held, isQuick } = settings;
  const [load] = Deno.loadavg(); // before this command adds to it
  const machine = await benchMachine(held, threads);
  const notKept = whyNotKept(settings);
  const file = unfinishedFile(machine);
  const kept = await readResults(keptFile(machine), machine); // before an hour's work, if it is damaged
  const unfinished = notKept ? noResults(machine) : await readResults(file, machine);
  console.log(`${titleOf(machine)}.`);
  const facts = await askSides(sides, settings);
  const versions: Versions = {
    tensorFlow: facts.tensorFlow,
    pyTorch: facts.pyTorch.version,
    deno: Deno.version.deno,
    tessera: await commit(),
  };
  const withoutCompile = facts.pyTorch.compile;
  console.log(`${facts.tensorFlow}, PyTorch ${facts.pyTorch.version}, Deno ${versions.deno}.`);
  console.log(`Instructions, as the libraries tell: ${facts.instructions}.`);
  if (withoutCompile && settings.compile) console.log(`Without torch.compile: ${withoutCompile}.`);

  const plan: Piece[] = settings.kinds.flatMap((kind) =>
    settings.cases.filter((work) => kind !== "epoch" || mainCases.includes(work))
      .map((work) => ({ work, kind }))
  );
  const now = { versions, withoutCompile };
  const usable = settings.anew
    ? []
    : unfinished.measurements.filter((each) => isAsMadeNow(each, now));
  const isDone = (piece: Piece) => usable.some(isOf(piece));
  const left = plan.filter((piece) => !isDone(piece));
  const results: KeptResults = {
    ...noResults(machine),
    measurements: usable,
    remarks: [`Instructions, as the libraries tell: ${facts.instructions}.`],
  };
  if (left.length < plan.length) {
    const count = plan.length - left.length;
    console.log(
      `Goes on where it was interrupted: ${count} of ${plan.length} are there (--anew measures them again).`,
    );
  }
  const pace = { isQuick, withoutCompile: withoutCompile !== null };
  const expected = remainingSeconds([], left, pace);
  console.log(
    `${left.length} ${left.length === 1 ? "comparison" : "comparisons"}, ${
      turnsOf("step", isQuick)
    } turns each: about ${duration(expected)} ` +
      "on two quiet cores.",
  );
  if (notKept) console.log(`Nothing is kept: ${notKept}.`);
  if (load > quietLoad * machine.threads) {
    console.log(`The machine has other work (load ${load.toFixed(1)}): the figures will be poor.`);
  }

  const done: { piece: Piece; seconds: number }[] = [];
  for (const [index, piece] of left.entries()) {
    const begun = performance.now();
    const turns = turnsOf(piece.kind, isQuick);
    const measurement = await compare(piece.work, piece.kind, sides, {
      turns,
      versions,
      withoutCompile,
    });
    results.measurements.push(measurement);
    if (!notKept) await writeResults(file, results);
    done.push({ piece, seconds: (performance.now() - begun) / 1000 });
    const rest = left.slice(index + 1);
    const time = remainingSeconds(done, rest, pace);
    const still = rest.length > 0 ? `${rest.length} more, about ${duration(time)}` : "the last one";
    console.log(`${lineOf(measurement)}; ${duration(done.at(-1)!.seconds)}; ${still}`);
  }
  if (settings.others) {
    for (const work of settings.cases) {
      results.others[work.name] = await otherWays(work, sides);
      console.log(`${work.name}, other ways: ${JSON.stringify(results.others[work.name])}`);
    }
  }
  await finish(results, { kept, plan, notKept });
}

async function finish(
  results: KeptResults,
  { kept, plan, notKept }: { kept: KeptResults; plan: readonly Piece[]; notKept?: string },
): Promise<void> {
  const { machine } = results;
  const isPlanned = (each: Measurement) => plan.some((piece) => isOf(piece)(each));
  const asked = { ...results, measurements: results.measurements.filter(isPlanned) };
  console.log(`\n${fullTable(asked)}\n`);
  if (notKept) {
    const file = `${root}/out/bench/${slugOf(machine)}.md`;
    await writeTextAtomically(file, machineSection(asked) + "\n");
    console.log(`The table is in ${shown(file)}.`);
    return;
  }
  await Deno.mkdir(dirname(keptFile(machine)), { recursive: true });
  const all = inOrder(merged(kept, asked));
  await writeResults(keptFile(machine), all);
  await writePages(all);
  const rest = results.measurements.filter((each) => !isPlanned(each));
  if (rest.length > 0) {
    await writeResults(unfinishedFile(machine), { ...results, measurements: rest });
  } else await Deno.remove(unfinishedFile(machine)).catch(() => {});
  console.log(
    `Kept in ${shown(keptFile(machine))}; the tables there and in the README are made anew.`,
  );
}

/** Measurements in the order of the cases. */
function inOrder(results: KeptResults): KeptResults {
  const rank = ({ case: name, kind }: Measurement) =>
    cases.findIndex((each) => each.name === name) * kinds.length + kinds.indexOf(kind);
  const measurements = results.measurements.toSorted((a, b) => rank(a) - rank(b));
  return { ...results, measurements };
}
