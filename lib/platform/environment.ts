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

/** The kernel's own namespace; elsewhere reading it throws. */
export function kernel(): typeof Deno.jupyter | undefined {
  try {
    return Deno.jupyter;
  } catch {
    return undefined;
  }
}

function inKernel(): boolean {
  return kernel() !== undefined;
}
