/** Programs with a time box: what runs longer is ended with all that it has started. */
import { root } from "../../tools/command.ts";

export interface Ended {
  /** Everything that it said. */
  text: string;
  code: number;
  seconds: number;
  timedOut: boolean;
}

/** Runs a program in the project for so many seconds at most. */
export async function runFor(
  seconds: number,
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const begun = performance.now();
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec "$0" "$@" 2>&1', program, ...args],
    cwd: root,
    env: { NO_COLOR: "1", ...env },
    ...{ stdin: "null", stdout: "piped", stderr: "null", detached: true },
  }).spawn();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    Deno.kill(-child.pid, "SIGKILL");
  }, Math.max(0, seconds) * 1000);
  let text = "";
  for await (const some of child.stdout.pipeThrough(new TextDecoderStream())) text += some;
  const { code } = await child.status;
  clearTimeout(timer);
  return { text, code, seconds: (performance.now() - begun) / 1000, timedOut };
}

/** Runs one of the project's TypeScript programs in the same way. */
export function runProgram(
  seconds: number,
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Ended> {
  const options = ["run", "-A", "--quiet", "--no-check", "--config", `${root}/deno.json`];
  return runFor(seconds, Deno.execPath(), [...options, `${root}/${file}`, ...args], env);
}

/** What a program said in lines of JSON, as the programs of this folder do. */
export function linesOf<T>({ text }: Ended): T[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** How a program ended, in a few words; its last lines where it did not end well. */
export function endOf({ text, code, seconds, timedOut }: Ended): string {
  if (code === 0) return `${seconds.toFixed(0)} s`;
  const last = text.trimEnd().split("\n").slice(-4).join(" ⏎ ").slice(-600);
  return timedOut
    ? `not at its end after ${seconds.toFixed(0)} s: ${last}`
    : `exit code ${code}: ${last}`;
}
