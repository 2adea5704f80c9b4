/** Runs TypeScript in a process of its own, as a script of the project would run. */
import { fileURLToPath } from "node:url";

export interface Ended {
  code: number;
  output: string;
  errors: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs `source` to its end, by the program `before` it where there is one. What the tests' own process was started
 * with does not count.
 */
export async function run(
  source: string,
  environment: Record<string, string> = {},
  before: readonly string[] = [],
): Promise<Ended> {
  const [program, ...first] = [...before, Deno.execPath()];
  const child = new Deno.Command(program, {
    args: [
      ...first,
      "run",
      "--quiet",
      "--allow-all",
      "--v8-flags=--expose-gc",
      `--config=${root}deno.json`,
      "-",
    ],
    cwd: root,
    env: {
      TESSERA_BACKEND: "",
      TESSERA_DEVICE: "",
      TESSERA_TENSORFLOW: "",
      TESSERA_THREADS: "",
      NO_COLOR: "1",
      ...environment,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, output: text(stdout), errors: text(stderr) };
}
