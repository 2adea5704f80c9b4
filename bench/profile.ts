/**
 * Where a step's time goes: the primitives of oneDNN (which Tessera and PyTorch share) and of MKL
 * (PyTorch's matrix products), as the libraries log them. What they do not log, passes over activations
 * above all, is the rest.
 */
import { lastingCommand } from "../tools/command.ts";
import { median } from "./report.ts";
import { type Command, pyTorchWorker, tesseraWorker } from "./workers.ts";

const steps = 5;

/** PyTorch's attention makes thousands of tiny products, in which logging takes longer than computing. */
const leastMilliseconds = 0.1;

/** Milliseconds a step by kind of work, and of the whole step. */
interface Profile {
  kinds: Map<string, number>;
  step: number;
}

const directions: Record<string, string> = {
  forward_training: "forwards",
  forward_inference: "forwards",
  backward_data: "gradient of the input",
  backward_weights: "gradient of the weights",
  backward: "backwards",
};

/** The kind of work and the milliseconds of a line of a log, where it is one. */
function readLine(line: string): { kind: string; milliseconds: number } | null {
  const product = line.match(/^MKL_VERBOSE SGEMM\w*\(.*\) ([\d.]+)(us|ms|s) /);
  if (product) {
    const milliseconds = Number(product[1]) * { us: 1e-3, ms: 1, s: 1e3 }[product[2]]!;
    return milliseconds < leastMilliseconds ? null : { kind: "matrix products", milliseconds };
  }
  const fields = line.split(",");
  if (fields[0] !== "onednn_verbose" || fields[3] !== "exec") return null;
  const milliseconds = Number(fields.at(-1));
  if (!Number.isFinite(milliseconds)) return null;
  const [primitive, , propagation] = fields.slice(5);
  if (["gemm_api", "matmul", "inner_product"].includes(primitive)) {
    return { kind: "matrix products", milliseconds };
  }
  const name = primitive === "reorder" ? "other order of axes" : primitive.replaceAll("_", " ");
  const direction = directions[propagation];
  return { kind: direction ? `${name}, ${direction}` : name, milliseconds };
}

/** What a worker prints from its last warm-up step on, and the median of its steps' milliseconds. */
async function run({ command, args }: Command, env: Record<string, string>) {
  const process = lastingCommand(command, {
    args,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`3\n${steps}\n`)); // three to warm up
  await writer.close();
  const { stdout } = await process.output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const answers = lines.flatMap((line, index) => line.startsWith("{") ? [index] : []);
  const [begin, end] = answers.slice(-2);
  const { milliseconds } = JSON.parse(lines[end]);
  return { lines: lines.slice(begin, end), step: median(milliseconds) };
}

async function profile(command: Command): Promise<Profile> {
  const { step } = await run(command, {});
  // One op at a time: of two side by side, each would be charged with the other's time.
  const env = { ONEDNN_VERBOSE: "1", MKL_VERBOSE: "1", TF_NUM_INTEROP_THREADS: "1" };
  const { lines } = await run(command, env);
  const kinds = new Map<string, number>();
  for (const found of lines.map(readLine)) {
    if (found === null) continue;
    kinds.set(found.kind, (kinds.get(found.kind) ?? 0) + found.milliseconds / steps);
  }
  return { kinds, step };
}

/** Prints, for one case, a table of the milliseconds a step in each kind of work on both sides. */
export async function writeProfile(name: string): Promise<void> {
  const tessera = await profile(tesseraWorker({ name, kind: "step", mode: "compiled" }));
  const pyTorch = await profile(pyTorchWorker({ name, kind: "step" }));
  const both = [tessera, pyTorch];
  const kinds = [...new Set(both.flatMap(({ kinds }) => [...kinds.keys()]))]
    .filter((kind) => both.some(({ kinds }) => (kinds.get(kind) ?? 0) >= 0.5));
  const row = (label: string, value: (side: Profile) => number) =>
    `| ${label} | ${both.map((side) => value(side).toFixed(0)).join(" | ")} |`;
  const logged = ({ kinds }: Profile) => [...kinds.values()].reduce((sum, each) => sum + each, 0);
  console.log([
    `| ${name}, ms a step | Tessera | PyTorch |`,
    "|---|---:|---:|",
    ...kinds.map((kind) => row(kind, (side) => side.kinds.get(kind) ?? 0)),
    row("rest, not logged", (side) => side.step - logged(side)),
    row("step, without logging", (side) => side.step),
    "",
  ].join("\n"));
}
