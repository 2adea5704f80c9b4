/** The specs that tfjs-node does not run, from its own test runner. */
import { fileURLToPath } from "node:url";
import "tfjs-node/dist/version.js";

/** Parts of the full names of specs that `dist/run_tests.js` of tfjs-node leaves out. */
export async function ignoredByTfjsNode(): Promise<string[]> {
  const runner = import.meta.resolve("tfjs-node/dist/run_tests.js");
  const source = await Deno.readTextFile(fileURLToPath(runner));
  const list = /var IGNORE_LIST = \[(.*?)\n\];/s.exec(source)?.[1];
  if (list === undefined) throw new Error("tfjs-node's dist/run_tests.js has no IGNORE_LIST");
  return list.split("\n")
    .map((line) => /^\s*'(.*)',?$/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}
