/** The command lines of the two sides' processes. */
import { root } from "../tools/command.ts";
import type { Precision } from "../lib/tensor/precision.ts";

export interface Command {
  command: string;
  args: string[];
}

/** What both sides compute on, and in. */
export interface Place {
  device: "cpu" | "gpu";
  precision: Precision;
}

const processor: Place = { device: "cpu", precision: "float32" };

/** The Python that has torch and torchvision. */
export const python = Deno.env.get("TESSERA_PYTORCH") ?? "python3";

/** What `worker.ts` needs to know. */
export interface TesseraWork {
  name: string;
  kind: string;
  mode: "compiled" | "eager";
  /** Of an epoch. */
  images?: number;
}

export function tesseraWorker({ name, kind, mode, images = 0 }: TesseraWork): Command {
  const options = ["run", "-A", "--quiet", "--config", `${root}/deno.json`];
  return {
    command: Deno.execPath(),
    args: [...options, `${root}/bench/worker.ts`, name, kind, mode, `${images}`],
  };
}

/** What `pytorch_worker.py` needs to know. */
export interface PyTorchWork {
  name: string;
  kind: string;
  /** Of an epoch, and the folder that holds them. */
  images?: number;
  data?: string;
  /** Processes that load and augment images. */
  workers?: number;
  /** Whether torch.compile makes the step. */
  compiled?: boolean;
}

export function pyTorchWorker(
  work: PyTorchWork,
  { device, precision }: Place = processor,
): Command {
  const { name, kind, images = 0, data = "", workers = 0, compiled = false } = work;
  const script = `${root}/bench/pytorch_worker.py`;
  const place = [device === "gpu" ? "cuda" : "cpu", precision, ...(compiled ? ["compiled"] : [])];
  return { command: python, args: [script, name, kind, `${images}`, data, `${workers}`, ...place] };
}

/** The environment of Tessera's side. */
export function tesseraEnvironment({ device, precision }: Place): Record<string, string> {
  return { TESSERA_DEVICE: device, TESSERA_PRECISION: precision };
}
