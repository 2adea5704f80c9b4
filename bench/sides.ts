/** What both sides are here, as they and their libraries tell, and with what they are started. */
import { join } from "node:path";
import { CommandError, lastingCommand, root } from "../tools/command.ts";
import { type Held, holdingVariables } from "./machine.ts";
import { Peer } from "./peer.ts";
import {
  python,
  type PyTorchWork,
  pyTorchWorker,
  type TesseraWork,
  tesseraWorker,
} from "./workers.ts";

/** What PyTorch is here. */
export interface PyTorchFacts {
  version: string;
  /** Of PyTorch's own kernels. */
  capability: string;
  /** Why torch.compile is left out; null where it is not. */
  compile: string | null;
}

/** The environment of both sides. */
export interface Conditions {
  held?: Held;
  threads: number;
}

/**
 * Starts the two sides. What they compile they keep in a folder of their own, which is empty before each: so is a
 * first step that of somebody who has just written it.
 */
export class Sides {
  readonly #common: Record<string, string>;
  readonly #folder: string;
  #homes = 0;

  /** What is compiled lies in `folder`, which the caller removes. */
  constructor(folder: string, { held, threads }: Conditions) {
    this.#folder = folder;
    this.#common = { ...(held ? holdingVariables[held] : {}), TESSERA_THREADS: `${threads}` };
  }

  get pyTorchEnvironment(): Record<string, string> {
    return { ...this.#common, TORCHINDUCTOR_CACHE_DIR: join(this.#folder, "torch") };
  }

  tessera(
    work: TesseraWork,
    options: { env?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Peer> {
    const { command, args } = tesseraWorker(work);
    const home = join(this.#folder, `home${this.#homes++}`);
    const env = {
      ...this.#common,
      TESSERA_DEVICE: "cpu",
      // A data set may lie in the person's own home.
      ...(work.kind === "epoch" ? {} : { TESSERA_HOME: home }),
      ...options.env,
    };
    return Peer.start("Tessera", command, args, { ...options, env });
  }

  pyTorch(work: PyTorchWork, env: Record<string, string> = {}): Promise<Peer> {
    const { command, args } = pyTorchWorker(work);
    const name = work.compiled ? "torch.compile" : "PyTorch";
    return Peer.start(name, command, args, { env: { ...this.pyTorchEnvironment, ...env } });
  }
}

/** What libraries log of the instructions that they use, by name. */
export function loggedInstructions(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines) {
    const oneDnn = line.match(/^onednn_verbose,.*info,cpu,isa:(.*)$/);
    if (oneDnn) found.oneDNN ??= oneDnn[1].split(" with ")[0];
    const mkl = line.match(
      /^MKL_VERBOSE (?:oneMKL|Intel\(R\) MKL) .* architecture (.*), (?:Lnx|Win|OSX)/,
    );
    if (mkl) {
      const name = mkl[1].replaceAll("(R)", "").split(/ with support| enabled/)[0];
      found.MKL ??= name.match(/\((?:Intel )?(AVX[^)]*|SSE[^)]*)\)/)?.[1] ?? name;
    }
  }
  return found;
}

/** What both sides are, and a line that says which instructions each part of them uses. */
export interface SidesFacts {
  tensorFlow: string;
  pyTorch: PyTorchFacts;
  instructions: string;
}

/**
 * Asks both sides what they are. Throws a CommandError where there is no PyTorch, and where a side that is held to
 * older instructions says that it is not.
 */
export async function askSides(
  sides: Sides,
  { held, compile }: { held?: Held; compile: boolean },
): Promise<SidesFacts> {
  const { facts, lines } = await askPyTorch(sides.pyTorchEnvironment, compile);
  const work = { name: "ViT, MNIST", kind: "inference", mode: "compiled" } as const;
  const tessera = await sides.tessera(work, { env: { ONEDNN_VERBOSE: "1" } });
  await tessera.stop();
  const ofTessera = loggedInstructions(tessera.preamble), ofPyTorch = loggedInstructions(lines);
  const told: [string, string | undefined][] = [
    ["Tessera's oneDNN", ofTessera.oneDNN],
    ["PyTorch", facts.capability],
    ["PyTorch's oneDNN", ofPyTorch.oneDNN],
    ["MKL", ofPyTorch.MKL],
  ];
  const known = told.filter(([, instructions]) => instructions !== undefined);
  const beyond = known.filter(([, instructions]) => held && /AVX-?512|AVX10/.test(instructions!));
  const [deaf] = beyond.filter(([name]) => name !== "MKL");
  if (deaf) {
    throw new CommandError(
      `bench: ${deaf[0]} is held to ${held}, and says that it uses ${deaf[1]}.`,
    );
  }
  const remark = beyond.length > 0 ? ", which heeds the limit on Intel's processors alone" : "";
  const instructions = known.map((each) => each.join(" ")).join(", ") + remark;
  return { tensorFlow: tessera.started.version, pyTorch: facts, instructions };
}

async function askPyTorch(
  environment: Record<string, string>,
  compile: boolean,
): Promise<{ facts: PyTorchFacts; lines: string[] }> {
  const script = `${root}/bench/pytorch_facts.py`;
  const env = { ...environment, MKL_VERBOSE: "1", ONEDNN_VERBOSE: "1" };
  const args = compile ? [script, "--compile"] : [script];
  const { stdout, success } = await lastingCommand(python, { args, env, stderr: "null" }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const facts = lines.findLast((line) => line.startsWith("{"));
  if (success && facts) return { facts: JSON.parse(facts), lines };
  throw new CommandError(
    `bench: ${python} has no torch to compare with; install it in an environment of its own ` +
      "(pip install torch, and torchvision for epochs) and name its Python in TESSERA_PYTORCH.",
  );
}
