/** One kernel, driven as a front end drives it; `driver.py` says what a step can be. */
import { root } from "../../tools/command.ts";

export interface Output {
  type: string;
  name?: string;
  text?: string;
  data?: Record<string, string>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface Reply {
  type: string;
  status: string;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  execution_count?: number;
  // deno-lint-ignore no-explicit-any
  [name: string]: any;
}

export interface CellResult {
  outputs: Output[];
  reply: Reply;
  /** From the sending, and from the first press of Stop, to `idle`. */
  ms: number;
  stop_ms?: number;
}

export interface Step {
  cells?: string[];
  /** Seconds after the sending at which Stop is pressed. */
  stops?: number[];
  stop_on_error?: boolean;
  request?: string;
  content?: unknown;
  channel?: "shell" | "control";
  press?: true;
  /** A cell that was sent before Stop and arrives so many seconds after it. */
  early?: string;
  seconds?: number;
  wait?: number;
}

export interface Result extends Reply {
  cells: CellResult[];
  /** What belongs to cells of earlier steps. */
  late: Output[];
}

/** The cells of a step, run in turn. */
export const cell = (code: string, more: Omit<Step, "cells"> = {}): Step => ({
  cells: [code],
  ...more,
});

/** One of the Python files here, which start kernels of their own. */
export function kernelProgram(file: string, options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command(`${root}/.venv/bin/python`, {
    args: [`${root}/tests/kernel/${file}`],
    cwd: root,
    env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, NO_COLOR: "1", TESSERA_HEADLESS: "" },
    ...options,
  });
}

export interface Driven {
  start_ms: number;
  end_ms: number;
  results: Result[];
}

/** Runs steps in one kernel, as in an open notebook unless `environment` says otherwise; `cwd` is the notebook's folder. */
export function drive(
  steps: Step[],
  environment: Record<string, string> = { JPY_SESSION_NAME: "test.ipynb" },
  cwd?: string,
): Promise<Driven> {
  return driven({ steps, environment }, cwd);
}

/** The same, and what the kernel has used of processors, which is alike on a busy machine. */
export function measure(steps: Step[]): Promise<Driven & { processor_ms: number }> {
  return driven({ steps, environment: { JPY_SESSION_NAME: "test.ipynb" }, measures: true });
}

async function driven<T extends Driven>(asked: object, cwd = root): Promise<T> {
  const child = kernelProgram("driver.py", {
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(asked)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`The kernel's driver failed:\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What a cell printed, on both streams. */
export function textOf({ outputs }: CellResult): string {
  return outputs.map(({ text }) => text ?? "").join("");
}

/** A cell's last value, as words. */
export function valueOf({ outputs }: CellResult): string | undefined {
  return outputs.findLast(({ type }) => type === "execute_result")?.data?.["text/plain"];
}
