/** What keeps submissions apart here, and how many run at once. */
import { join } from "node:path";
import { captured, root } from "../../tools/command.ts";

/** Why there is no sandbox on this machine; undefined where there is one. It is tried out. */
export async function whyNoSandbox(): Promise<string | undefined> {
  const { code, stdout, stderr } = await captured(
    "python",
    ["-m", "tessera_grading.sandbox", "--why-not"],
    { env: { PYTHONPATH: join(root, "python") } },
  );
  if (code !== 0) return stderr.trim().split("\n").at(-1);
  return stdout.trim() || undefined;
}

/** Whether the program runs in the container of `container/Dockerfile`. */
export const isInContainer = Boolean(Deno.env.get("TESSERA_CONTAINER"));

/** What `--unsafe` means. */
export const unsafeMeaning =
  "learners' code then runs with your rights: it can read and change your files, the gradebook, the solutions " +
  "and other submissions, and use the network";

/** What one submission takes of memory, with room for what is not measured. */
const bytesEach = 1.5e9;

/** How many submissions run at once: as many as cores and memory allow. */
export function defaultJobs(): number {
  const { available } = Deno.systemMemoryInfo();
  const byMemory = Math.floor(available / bytesEach);
  return Math.max(1, Math.min(navigator.hardwareConcurrency, byMemory));
}
