/** Programs in Python that are spoken to in lines. */
import { join } from "node:path";
import { lastingCommand, program, root } from "./command.ts";

/**
 * Starts the installation's Python, with pipes. nbgrader calls a program of its own by name: those of the
 * installation are found first. With `isApart` a terminal's Ctrl-C does not reach it: it is told another way.
 */
export function startPython(
  args: readonly string[],
  { cwd, env = {}, isApart = false }: {
    cwd?: string;
    env?: Record<string, string>;
    isApart?: boolean;
  } = {},
) {
  return lastingCommand(program("python"), {
    args: [...args],
    cwd,
    env: { PATH: `${join(root, ".venv", "bin")}:${Deno.env.get("PATH") ?? ""}`, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: isApart,
  }).spawn();
}
