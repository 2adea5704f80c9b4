/**
 * `./tessera bench`: Tessera, PyTorch and torch.compile side by side, processes that take turns on the same cores, so
 * that a drift of the machine's speed meets all. What counts is the median of the paired ratios, PyTorch's
 * time ÷ Tessera's. PyTorch is no part of the project.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { askDriver } from "../lib/tensor/graphics_card.ts";
import { requestedThreads } from "../lib/tensor/requests.ts";
import { findRuntime } from "../lib/tensor/runtime.ts";
import { thisMachine } from "../tools/processor_settings.ts";
import { withTemporaryFolder } from "../tools/temporary_folder.ts";
import { CommandError, root, runCommand, shown } from "../tools/command.ts";
import { batchSize, type Case, caseOf, cases, mainCases } from "./cases.ts";
import { compare, otherWays } from "./compare.ts";
import { benchFusion } from "./fusion.ts";
import { benchOnGpu } from "./gpu.ts";
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
import {
  benchMachine,
  type Held,
  refuseOtherHolds,
  requireInstructions,
  slugOf,
  titleOf,
} from "./machine.ts";
import {
  duration,
  expectedSeconds,
  isAsMadeNow,
  isOf,
  type Piece,
  remainingSeconds,
  turnsOf,
} from "./plan.ts";
import { writeProfile } from "./profile.ts";
import { compiledRatios, eagerRatios, fullTable, machineSection, writePages } from "./report.ts";
import { askSides, Sides } from "./sides.ts";
import { median, medianInterval } from "./statistics.ts";

const names = cases.map(({ name }) => `                  ${name}`).join("\n");
const allSeconds = cases.flatMap((work) => [
  expectedSeconds({ work, kind: "step" }),
  expectedSeconds({ work, kind: "inference" }),
]).reduce((sum, each) => sum + each, 0);

const usage = `usage: ./tessera bench [OPTIONS]

Compares Tessera with PyTorch and torch.compile on this machine, which should have nothing else to do. Needs a
Python with torch, by default python3 on the path: TESSERA_PYTORCH names another one. torch.compile needs a
C++ compiler; where there is none, the table says so.

  --only NAME     one model, more than once for several; a part of the name will do:
${names}
  --kinds KINDS   some of step,inference,epoch; without it step,inference. Epochs need torchvision
  --instructions avx2
                  holds all sides to AVX2
  --no-compile    without torch.compile, in less than half the time
  --others        the step eagerly and on tfjs's WASM as well
  --quick         three turns instead of 21, to try it out: nothing is kept
  --anew          measures again what an interrupted run has measured
  --profile       tells where the time of a step goes instead
  --fusion        compares steps with and without fused kernels instead, by one thread's processor time,
                  which other programs hardly change; needs no PyTorch
  --device gpu    both on the graphics card, in float32 and TF32

All of it takes about ${
  duration(allSeconds)
} on two quiet cores; a run that was interrupted goes on. Results
are kept in bench/results, each machine's in a file of its own; tables and charts are made from all of them,
there and in the README. TESSERA_THREADS before the command says on how many threads, TESSERA_BENCH_BATCH how
many images are a step, instead of 128: results of another batch are only printed.`;

interface Settings {
  isQuick: boolean;
  cases: Case[];
  kinds: Kind[];
  held?: Held;
  compile: boolean;
  others: boolean;
  anew: boolean;
  profile: boolean;
  fusion: boolean;
  onGpu: boolean;
}

function readSettings(args: string[]): Settings {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: {
        only: { type: "string", multiple: true },
        kinds: { type: "string", default: "step,inference" },
        instructions: { type: "string" },
        "no-compile": { type: "boolean", default: false },
        others: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        anew: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
        fusion: { type: "boolean", default: false },
        device: { type: "string", default: "cpu" },
      },
    });
  } catch (error) {
    throw new CommandError(`bench: ${(error as Error).message}\n\n${usage}`, 2);
  }
  const { values } = parsed;
  const wanted = values.kinds.split(",") as Kind[];
  const unknown = wanted.find((kind) => !kinds.includes(kind));
  if (unknown !== undefined) {
    throw new CommandError(`bench: --kinds takes ${kinds.join(", ")}; not "${unknown}"`, 2);
  }
  if (values.device !== "cpu" && values.device !== "gpu") {
    throw new CommandError(`bench: --device takes cpu or gpu; not "${values.device}"`, 2);
  }
  const held = values.instructions;
  if (held !== undefined && held !== "avx2") {
    throw new CommandError(`bench: --instructions takes avx2; not "${held}"`, 2);
  }
  try {
    return {
      cases: values.only?.map(caseOf) ?? [...cases],
      kinds: wanted,
      ...(held ? { held } : {}),
      compile: !values["no-compile"],
      others: values.others,
      isQuick: values.quick,
      anew: values.anew,
      profile: values.profile,
      fusion: values.fusion,
      onGpu: values.device === "gpu",
    };
  } catch (error) {
    throw new CommandError(`bench: ${(error as Error).message}`, 2);
  }
}

function requireCard(): void {
  const { problem } = askDriver();
  if (problem) throw new CommandError(`bench: --device gpu, but ${problem}.`);
  if (findRuntime().cuda) return;
  throw new CommandError(
    "bench: --device gpu, but TensorFlow is the build for processors: TESSERA_DEVICE=gpu ./tessera doctor.",
  );
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
function whyNotKept({ isQuick }: Settings): string | undefined {
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

async function compareAll(settings: Settings, sides: Sides): Promise<void> {
  const { held, isQuick } = settings;
  const threads = requestedThreads();
  const machine = await benchMachine(held, threads);
  const notKept = whyNotKept(settings);
  const file = unfinishedFile(machine);
  const kept = await readResults(keptFile(machine), machine); // before an hour's work, if it is damaged
  const unfinished = notKept ? noResults(machine) : await readResults(file, machine);
  console.log(`${titleOf(machine)}.`);
  const facts = await askSides(sides, { ...settings, compile: settings.compile });
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
  const [load] = Deno.loadavg();
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

await runCommand(async (args) => {
  if (args.includes("--help")) return console.log(usage);
  const settings = readSettings(args);
  const { held, isQuick: quick } = settings;
  const withoutEpochs = settings.kinds.filter((kind) => kind !== "epoch");
  if (settings.fusion) return await benchFusion({ ...settings, quick, kinds: withoutEpochs });
  if (settings.onGpu) {
    requireCard();
    const onCard = settings.cases.filter((work) => mainCases.includes(work));
    const { compile: others } = settings;
    return await benchOnGpu({ ...settings, cases: onCard, quick, kinds: withoutEpochs, others });
  }
  refuseOtherHolds(Deno.env.toObject());
  requireInstructions(held, thisMachine());
  const threads = requestedThreads() ?? navigator.hardwareConcurrency;
  await withTemporaryFolder("bench", async (folder) => {
    const sides = new Sides(folder, { ...(held ? { held } : {}), threads });
    if (!settings.profile) return await compareAll(settings, sides);
    console.log(`${titleOf(await benchMachine(held, threads))}.\n`);
    for (const work of settings.cases) await writeProfile(work, sides, settings);
  });
});
