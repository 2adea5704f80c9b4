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

/** The lines of a stream as they come. One that its writer did not end, because it was ended itself, is none. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
