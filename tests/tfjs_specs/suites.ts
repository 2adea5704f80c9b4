/** The suites of tfjs's own specs, and where their files are. */
import { join } from "node:path";

/** tfjs's packages whose specs are run. Core's are in its npm package, the others in `third_party`. */
export const suites = ["core", "layers", "data", "converter"] as const;
export type Suite = typeof suites[number];

/** tfjs's spec files as its repository has them; see the README there. */
// By its own name, though a link may lead to it: esbuild follows links.
export const thirdParty = `${Deno.realPathSync(new URL("third_party", import.meta.url))}/`;

/** The spec files of a suite in `third_party`, in order. */
export function specFiles(suite: Exclude<Suite, "core">): string[] {
  const below = (folder: string): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const path = join(folder, name);
      return isDirectory ? below(path) : name.endsWith("_test.ts") ? [path] : [];
    });
  return below(join(thirdParty, `tfjs-${suite}`)).sort();
}
