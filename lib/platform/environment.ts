import { flag, variable } from "./variables.ts";

/**
 * Where output goes: a notebook that a person looks at, a notebook run without a front end
 * (nbconvert, nbclient, nbgrader), or a terminal.
 */
export type Environment = "notebook" | "headless" | "terminal";

/**
 * Tells what kind of place this code runs in.
 *
 * The kernel cannot see who reads its messages, so this asks who started it: Jupyter servers set
 * `JPY_SESSION_NAME` for the kernels of open notebooks, VS Code's own processes carry `VSCODE_PID`
 * (its terminals do not). A kernel with neither was started to run a notebook from end to end.
 * `TESSERA_HEADLESS=1` or `0` decides instead of the guess.
 */
export function environment(): Environment {
  if (!inKernel()) return "terminal";
  if (variable("TESSERA_HEADLESS")) return flag("TESSERA_HEADLESS") ? "headless" : "notebook";
  return variable("JPY_SESSION_NAME") || variable("VSCODE_PID") ? "notebook" : "headless";
}

/** How code in a notebook shows things below the running cell. */
export interface Kernel {
  /** Shows a value, or with `raw` what an output holds by its MIME type. */
  display(
    value: unknown,
    options?: { raw?: boolean; display_id?: string; update?: boolean },
  ): Promise<void>;
  /** Sends a message of Jupyter's protocol to all who look at the notebook. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** The notebook's kernel in which this code runs; undefined elsewhere. */
export function kernel(): Kernel | undefined {
  try {
    return Deno.jupyter; // elsewhere reading it throws
  } catch {
    return undefined;
  }
}

function inKernel(): boolean {
  return kernel() !== undefined;
}
