/** The command lines of the two sides' processes. */
import { root } from "../tools/command.ts";

export interface Command {
  command: string;
  args: string[];
}

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
}

export function pyTorchWorker(work: PyTorchWork): Command {
  const { name, kind, images = 0, data = "", workers = 0 } = work;
  const script = `${root}/bench/pytorch_worker.py`;
  return { command: python, args: [script, name, kind, `${images}`, data, `${workers}`] };
}
