/** `./tessera bench`: its options, and which of the comparisons they ask for. */
import { parseArgs } from "node:util";
import { askDriver } from "../lib/tensor/graphics_card.ts";
import { requestedThreads } from "../lib/tensor/requests.ts";
import { findRuntime } from "../lib/tensor/runtime.ts";
import { CommandError, needWritableInstallation, runCommand } from "../tools/command.ts";
import { thisMachine } from "../tools/processor_settings.ts";
import { withTemporaryFolder } from "../tools/temporary_folder.ts";
import { caseOf, cases, mainCases } from "./cases.ts";
import { compareAll, type RunSettings } from "./compare_all.ts";
import { benchFusion } from "./fusion.ts";
import { benchOnGpu } from "./gpu.ts";
import { type Kind, kinds } from "./kept_results.ts";
import { benchMachine, refuseOtherHolds, requireInstructions, titleOf } from "./machine.ts";
import { duration, expectedSeconds } from "./plan.ts";
import { benchProcesses } from "./processes.ts";
import { writeProfile } from "./profile.ts";
import { Sides } from "./sides.ts";

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
  --profile       tells where the time of a step goes instead, and how much it costs beyond its matrix
                  products and convolutions: about a minute a model
  --fusion        compares steps with and without fused kernels instead, by one thread's processor time,
                  which other programs hardly change; needs no PyTorch
  --processes     measures what training on several processes costs instead, here and between simulated
                  machines, and writes it into docs/performance.md: about six minutes; needs no PyTorch
  --device gpu    both on the graphics card, in float32 and TF32

All of it takes about ${
  duration(allSeconds)
} on two quiet cores; a run that was interrupted goes on. Results
are kept in bench/results, each machine's in a file of its own; tables and charts are made from all of them,
there and in the README. TESSERA_THREADS before the command says on how many threads, TESSERA_BENCH_BATCH how
many images are a step, instead of 128: results of another batch are only printed.`;

interface Settings extends RunSettings {
  profile: boolean;
  fusion: boolean;
  processes: boolean;
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
        processes: { type: "boolean", default: false },
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
      held,
      compile: !values["no-compile"],
      others: values.others,
      isQuick: values.quick,
      anew: values.anew,
      profile: values.profile,
      fusion: values.fusion,
      processes: values.processes,
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

await runCommand(async (args) => {
  if (args.includes("--help")) return console.log(usage);
  const settings = readSettings(args);
  const { held, isQuick: quick } = settings;
  if (settings.processes) return await benchProcesses(settings);
  const withoutEpochs = settings.kinds.filter((kind) => kind !== "epoch");
  if (settings.fusion) return await benchFusion({ ...settings, quick, kinds: withoutEpochs });
  if (settings.onGpu) {
    requireCard();
    const onCard = settings.cases.filter((work) => mainCases.includes(work));
    const { compile: others } = settings;
    return await benchOnGpu({ ...settings, cases: onCard, quick, kinds: withoutEpochs, others });
  }
  if (!settings.profile && !quick) needWritableInstallation(); // where results are kept
  refuseOtherHolds(Deno.env.toObject());
  requireInstructions(held, thisMachine());
  const threads = requestedThreads() ?? navigator.hardwareConcurrency;
  await withTemporaryFolder("bench", async (folder) => {
    const sides = new Sides(folder, { held, threads });
    if (!settings.profile) return await compareAll(settings, sides, threads);
    console.log(`${titleOf(await benchMachine(held, threads))}.\n`);
    for (const work of settings.cases) await writeProfile(work, sides, settings);
  });
});
