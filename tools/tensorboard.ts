/**
 * `./tessera tensorboard`: TensorBoard over the logs in `runs/`, on this machine only. Options go to
 * `tensorboard`, for example `--port 6007`.
 */
import { tensorBoardProgram } from "../lib/training/tensorboard/program.ts";
import { CommandError, foreground, root, runCommand } from "./command.ts";

function main(args: string[]): Promise<number> {
  if (args[0] && !args[0].startsWith("-")) {
    throw new CommandError(`tensorboard shows all of runs/ and takes no "${args[0]}".`, 2);
  }
  const folder = `${root}/runs`;
  if (!args.some((arg) => arg.startsWith("--logdir"))) {
    try {
      Deno.statSync(folder);
    } catch {
      throw new CommandError("there are no logs in runs/ yet: train something first.");
    }
    args = ["--logdir", folder, ...args];
  }
  console.error(
    "TensorBoard starts, without TensorFlow, which it does not need here; its address follows …",
  );
  return foreground("python", ["-c", tensorBoardProgram, "--host", "127.0.0.1", ...args]);
}

if (import.meta.main) await runCommand(main);
