/**
 * `./tessera tensorboard`: TensorBoard over the logs in the home's `runs/`, on this machine only. Options go to
 * `tensorboard`, for example `--port 6007`.
 */
import { tensorBoardProgram } from "../lib/training/tensorboard/program.ts";
import { join } from "node:path";
import { CommandError, foreground, runCommand, shown } from "./command.ts";
import { findHome, workFolder } from "./homes.ts";

function main(args: string[]): Promise<number> {
  if (args[0] && !args[0].startsWith("-")) {
    throw new CommandError(`tensorboard shows all of runs/ and takes no "${args[0]}".`, 2);
  }
  const home = findHome();
  const folder = join(home ?? workFolder, "runs");
  if (!args.some((arg) => arg.startsWith("--logdir"))) {
    try {
      Deno.statSync(folder);
    } catch {
      throw new CommandError(`there are no logs in ${shown(folder)} yet: train something first.`);
    }
    args = ["--logdir", folder, ...args];
  }
  console.error(
    "TensorBoard starts, without TensorFlow, which it does not need here; its address follows …",
  );
  return foreground("python", ["-c", tensorBoardProgram, "--host", "127.0.0.1", ...args]);
}

if (import.meta.main) await runCommand(main);
