/**
 * `./tessera bench --profile`: where a step's time goes. The primitives of oneDNN (which Tessera and PyTorch share)
 * and of MKL (PyTorch's matrix products) are as the libraries log them; what they do not log, passes over
 * activations above all, is the rest. Of Tessera's step two processes take turns: one as it comes, one that logs
 * and has TensorFlow's own kernels do every product, which a fused kernel would hide. Their quotient says how
 * much a step costs beyond its matrix products and convolutions alone.
 */
import type { Case } from "./cases.ts";
import { type Answer, type Peer, type Said, takeTurns } from "./peer.ts";
import type { Sides } from "./sides.ts";
import { median, medianInterval } from "./statistics.ts";

/** PyTorch's attention makes thousands of tiny products, in which logging takes longer than computing. */
const leastMilliseconds = 0.1;

const directions: Record<string, string> = {
  forward_training: "forwards",
  forward_inference: "forwards",
  backward_data: "gradient of the input",
  backward_weights: "gradient of the weights",
  backward: "backwards",
};

export const products = "matrix products";

/** The kind of work and the milliseconds of a line of a log, where it is one. */
export function readLine(line: string): { kind: string; milliseconds: number } | null {
  const product = line.match(/^MKL_VERBOSE SGEMM\w*\(.*\) ([\d.]+)(us|ms|s) /);
  if (product) {
    const milliseconds = Number(product[1]) * { us: 1e-3, ms: 1, s: 1e3 }[product[2]]!;
    return milliseconds < leastMilliseconds ? null : { kind: products, milliseconds };
  }
  const fields = line.split(",");
  if (fields[0] !== "onednn_verbose") return null;
  // Newer versions name the part of the library before what is done.
  const at = fields.indexOf("exec");
  const milliseconds = Number(fields.at(-1));
  if (at < 0 || !Number.isFinite(milliseconds)) return null;
  const [primitive, , propagation] = fields.slice(at + 2);
  if (["gemm_api", "matmul", "inner_product"].includes(primitive)) {
    return { kind: products, milliseconds };
  }
  const name = primitive === "reorder" ? "other order of axes" : primitive.replaceAll("_", " ");
  const direction = directions[propagation];
  return { kind: direction ? `${name}, ${direction}` : name, milliseconds };
}

/** Milliseconds by kind of work of what was logged while an answer was made. */
export function byKind({ answer, lines }: Said<Answer>): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const found of lines.map(readLine)) {
    if (found === null) continue;
    const share = found.milliseconds / answer.milliseconds.length;
    kinds.set(found.kind, (kinds.get(found.kind) ?? 0) + share);
  }
  return kinds;
}

const isProduct = (kind: string) => kind === products || kind.startsWith("convolution");

/** Milliseconds of a step's matrix products and convolutions. */
export function productMilliseconds(kinds: ReadonlyMap<string, number>): number {
  return [...kinds].reduce((sum, [kind, time]) => sum + (isProduct(kind) ? time : 0), 0);
}

// One op at a time: of two side by side, each would be charged with the other's time.
const logging = { ONEDNN_VERBOSE: "1", MKL_VERBOSE: "1", TF_NUM_INTEROP_THREADS: "1" };

/** Turns of a process as it comes and of one that logs. */
async function turns(plain: Peer, logged: Peer, count: number) {
  await takeTurns([plain, logged], { turns: 1, count: 3 });
  const steps: number[] = [], logs: Map<string, number>[] = [];
  for (let turn = 0; turn < count; turn++) {
    steps.push(median((await plain.work(2)).milliseconds));
    logs.push(byKind(await logged.tell(2)));
  }
  return { steps, logs };
}

interface Profile {
  kinds: Map<string, number>;
  step: number;
  /** Step ÷ its products and convolutions, turn by turn. */
  ratios: number[];
}

async function profile(
  plain: Promise<Peer>,
  logged: Promise<Peer>,
  count: number,
): Promise<Profile> {
  const peers = [await plain, await logged];
  try {
    const { steps, logs } = await turns(peers[0], peers[1], count);
    const names = [...new Set(logs.flatMap((log) => [...log.keys()]))];
    return {
      kinds: new Map(names.map((name) => [name, median(logs.map((log) => log.get(name) ?? 0))])),
      step: median(steps),
      ratios: steps.map((step, turn) => step / productMilliseconds(logs[turn])),
    };
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** Prints, for one case, a table of the milliseconds a step in each kind of work on both sides. */
export async function writeProfile(
  { name }: Case,
  sides: Sides,
  { isQuick }: { isQuick: boolean },
): Promise<void> {
  const count = isQuick ? 3 : 11;
  const work = { name, kind: "step", mode: "compiled" } as const;
  const unfused = { env: { ...logging, TESSERA_FUSION: "off" } };
  const tessera = await profile(sides.tessera(work), sides.tessera(work, unfused), count);
  const pyTorch = await profile(sides.pyTorch(work), sides.pyTorch(work, logging), count);
  const both = [tessera, pyTorch];
  const kinds = [...new Set(both.flatMap(({ kinds }) => [...kinds.keys()]))]
    .filter((kind) => both.some(({ kinds }) => (kinds.get(kind) ?? 0) >= 0.5));
  const row = (label: string, value: (side: Profile) => number) =>
    `| ${label} | ${both.map((side) => value(side).toFixed(0)).join(" | ")} |`;
  const [low, high] = medianInterval(tessera.ratios);
  console.log([
    `| ${name}, ms a step | Tessera | PyTorch |`,
    "|---|---:|---:|",
    ...kinds.map((kind) => row(kind, (side) => side.kinds.get(kind) ?? 0)),
    row("products and convolutions together", ({ kinds }) => productMilliseconds(kinds)),
    row("all else", ({ kinds, step }) => step - productMilliseconds(kinds)),
    row("step, without logging", ({ step }) => step),
    "",
    `A step of Tessera's takes ${
      median(tessera.ratios).toFixed(2)
    } times as long as its matrix products ` +
    `and convolutions alone (${low.toFixed(2)} to ${high.toFixed(2)}); PyTorch's ` +
    `${median(pyTorch.ratios).toFixed(2)} times.\n`,
  ].join("\n"));
}
