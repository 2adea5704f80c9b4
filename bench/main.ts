/**
 * `./tessera bench`: Tessera and PyTorch side by side, two processes that take turns on the same cores, so
 * that a drift of the machine's speed meets both. What counts is the median of the paired ratios,
 * PyTorch's time ÷ Tessera's. PyTorch is no part of the project.
 */
import { parseArgs } from "node:util";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { askDriver } from "../lib/tensor/graphics_card.ts";
import { findRuntime } from "../lib/tensor/runtime.ts";
import { CommandError, root, runCommand } from "../tools/command.ts";
import { batchSize, type Case, caseOf, cases, ownCases } from "./cases.ts";
import { benchFusion } from "./fusion.ts";
import { benchOnGpu } from "./gpu.ts";
import { type Answer, Peer, takeTurns } from "./peer.ts";
import { writeProfile } from "./profile.ts";
import { writeRawImages } from "./raw_images.ts";
import { type Measurement, median, type Results, type Side, writeReport } from "./report.ts";
import {
  python,
  type PyTorchWork,
  pyTorchWorker,
  type TesseraWork,
  tesseraWorker,
} from "./workers.ts";

type Kind = Measurement["kind"];

const usage =
  `usage: ./tessera bench [--quick] [--case NAME]… [--only KINDS] [--no-others] [--profile | --fusion] [--device gpu]

Compares Tessera with PyTorch on this machine; it should have nothing else to do. Needs a Python with
torch and torchvision, by default python3 on the path: TESSERA_PYTORCH names another one.

  --quick       fewer repetitions, and the committed results stay as they are
  --case NAME   one model, more than once for several: ${
    cases.map(({ name }) => `"${name}"`).join(", ")
  }
  --only KINDS  some of step,inference,epoch
  --no-others   without the eager step and tfjs on WASM; on the card without torch.compile
  --device gpu  both on the graphics card, in float32 and TF32, and torch.compile beside them
  --profile     tells where the time of a step goes instead
  --fusion      compares steps with and without fused kernels instead, by one thread's processor time,
                which other programs hardly change; needs no PyTorch

In full it takes about 15 minutes and writes bench/results. TESSERA_BENCH_BATCH=1024 before the command
takes as many images a step, instead of 128.`;

interface Settings {
  quick: boolean;
  cases: Case[];
  kinds: Kind[];
  others: boolean;
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
        quick: { type: "boolean", default: false },
        case: { type: "string", multiple: true },
        only: { type: "string" },
        "no-others": { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
        fusion: { type: "boolean", default: false },
        device: { type: "string", default: "cpu" },
      },
    });
  } catch (error) {
    throw new CommandError(`bench: ${(error as Error).message}\n\n${usage}`, 2);
  }
  const { values } = parsed;
  const kinds = (values.only?.split(",") ?? ["step", "inference", "epoch"]) as Kind[];
  const unknown = kinds.find((kind) => !["step", "inference", "epoch"].includes(kind));
  if (unknown) {
    throw new CommandError(`bench: --only takes step, inference, epoch; not ${unknown}`, 2);
  }
  if (values.device !== "cpu" && values.device !== "gpu") {
    throw new CommandError(`bench: --device takes cpu or gpu; not ${values.device}`, 2);
  }
  try {
    return {
      onGpu: values.device === "gpu",
      quick: values.quick,
      cases: values.case?.map(caseOf) ?? (values.fusion ? [...cases, ...ownCases] : [...cases]),
      kinds,
      others: !values["no-others"],
      profile: values.profile,
      fusion: values.fusion,
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

async function requirePyTorch(): Promise<void> {
  const script = "import torch, torchvision, numpy";
  const { success } = await new Deno.Command(python, { args: ["-c", script], stderr: "null" })
    .output().catch(() => ({ success: false }));
  if (!success) {
    throw new CommandError(
      `bench: ${python} has no torch and torchvision to compare with; install them in an environment ` +
        "of their own (pip install torch torchvision) and name its Python in TESSERA_PYTORCH.",
    );
  }
}

type PeerOptions = { env?: Record<string, string>; signal?: AbortSignal };

function startTessera(work: TesseraWork, options: PeerOptions = {}): Promise<Peer> {
  const { command, args } = tesseraWorker(work);
  const env = { TESSERA_DEVICE: "cpu", ...options.env };
  return Peer.start("Tessera", command, args, { ...options, env });
}

function startPyTorch(work: PyTorchWork): Promise<Peer> {
  const { command, args } = pyTorchWorker(work);
  return Peer.start("PyTorch", command, args);
}

/** The number of loader processes with which PyTorch's epoch is fastest. */
async function bestWorkers({ name }: Case, images: number, data: string): Promise<number> {
  const seconds: number[] = [];
  const choices = [0, 1, 2];
  for (const workers of choices) {
    const peer = await startPyTorch({ name, kind: "epoch", images, data, workers });
    await peer.work(1);
    seconds.push((await peer.work(1)).milliseconds[0]);
    await peer.stop();
  }
  return choices[seconds.indexOf(Math.min(...seconds))];
}

function sideOf(answers: readonly Answer[], { startSeconds, started }: Peer): Side {
  return {
    milliseconds: answers.map(({ milliseconds }) => median(milliseconds)),
    peakMegabytes: answers.at(-1)!.peakMegabytes,
    startSeconds,
    firstMilliseconds: started.first,
  };
}

async function measure(work: Case, kind: Kind, settings: Settings): Promise<Measurement> {
  const { quick } = settings;
  const isSlow = work.name !== "ViT, MNIST";
  const images = kind === "epoch" ? batchSize * (isSlow ? 8 : quick ? 16 : 48) : 0;
  const data = kind === "epoch" ? await writeRawImages(work, images) : "";
  const workers = kind === "epoch" ? await bestWorkers(work, images, data) : 0;
  const { name } = work;
  const pyTorch = await startPyTorch({ name, kind, images, data, workers });
  const tessera = await startTessera({ name, kind, mode: "compiled", images });
  try {
    if (tessera.started.parameterCount !== pyTorch.started.parameterCount) {
      throw new Error(
        `${work.name}: ${tessera.started.parameterCount} parameters in Tessera, ` +
          `${pyTorch.started.parameterCount} in PyTorch; the models must be the same`,
      );
    }
    const count = kind === "epoch" ? 1 : isSlow ? 2 : 6;
    await takeTurns(tessera, pyTorch, { pairs: 1, count: kind === "epoch" ? 1 : 3 });
    const pairs = quick ? 3 : kind === "epoch" ? 5 : 10;
    const { first, second } = await takeTurns(tessera, pyTorch, { pairs, count });
    return {
      case: work.name,
      kind,
      images: images || batchSize,
      workers,
      parameterCount: tessera.started.parameterCount,
      tessera: sideOf(first, tessera),
      pyTorch: sideOf(second, pyTorch),
    };
  } finally {
    await Promise.all([tessera.stop(), pyTorch.stop()]);
  }
}

const patienceSeconds = 60;

/**
 * What compiling gives: the same step eagerly, and on tfjs's WASM backend; null where it does not get
 * through: in time, or with the memory that WASM can address.
 */
async function measureOthers(work: Case): Promise<Record<string, number | null>> {
  const results: Record<string, number | null> = {};
  const ways = { eager: {}, wasm: { TESSERA_BACKEND: "wasm" } };
  for (const [name, env] of Object.entries(ways)) {
    const signal = AbortSignal.timeout(patienceSeconds * 1000);
    try {
      const peer = await startTessera({ name: work.name, kind: "step", mode: "eager" }, {
        env,
        signal,
      });
      results[name] = median((await peer.work(name === "wasm" ? 1 : 5)).milliseconds);
      await peer.stop();
    } catch (error) {
      if (!signal.aborted && name !== "wasm") throw error;
      results[name] = null;
    }
  }
  return results;
}

/** A long measurement that fails at its end still leaves its numbers. */
async function keepUnfinished(results: Results): Promise<void> {
  await writeTextAtomically(`${root}/out/bench/unfinished.json`, JSON.stringify(results, null, 1));
}

await runCommand(async (args) => {
  if (args.includes("--help")) return console.log(usage);
  const settings = readSettings(args);
  if (settings.fusion) {
    const kinds = settings.kinds.filter((kind) => kind !== "epoch");
    return await benchFusion({ ...settings, kinds });
  }
  const own = settings.cases.find((work) => ownCases.includes(work));
  if (own) throw new CommandError(`bench: PyTorch's side has no ${own.name}; --fusion has it.`, 2);
  if (settings.onGpu) requireCard();
  await requirePyTorch();
  if (settings.onGpu) {
    const kinds = settings.kinds.filter((kind) => kind !== "epoch");
    return await benchOnGpu({ ...settings, kinds });
  }
  if (settings.profile) {
    for (const { name } of settings.cases) await writeProfile(name);
    return;
  }
  const results: Results = { measurements: [], others: {} };
  for (const kind of settings.kinds) {
    for (const work of settings.cases) {
      const begun = performance.now();
      const measurement = await measure(work, kind, settings);
      results.measurements.push(measurement);
      await keepUnfinished(results);
      const ratios = measurement.pyTorch.milliseconds.map((time, pair) =>
        time / measurement.tessera.milliseconds[pair]
      );
      console.log(
        `${work.name}, ${kind}: PyTorch ÷ Tessera ${median(ratios).toFixed(2)} ` +
          `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}), ` +
          `${Math.round((performance.now() - begun) / 1000)} s`,
      );
    }
  }
  if (settings.others) {
    for (const work of settings.cases) {
      results.others[work.name] = await measureOthers(work);
      console.log(`${work.name}, other ways: ${JSON.stringify(results.others[work.name])}`);
    }
  }
  await writeReport(results, { python, keep: !settings.quick });
});
