/** What deno's own commands say. */
import { captured } from "./command.ts";

/** Runs deno without colours; gives the exit code and all that it said. */
export async function deno(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await captured("deno", args, { env: { NO_COLOR: "1" } });
  return { code, said: (stdout + stderr).replace(/\n*Stack backtrace:[\s\S]*$/, "") };
}
