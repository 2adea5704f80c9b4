/** How many mistakes the tests plant by hand for each check, each with the words that its message must have. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../command.ts";
import { testFiles } from "../test_files.ts";

/** "checkPatches" → 21: the tests that are called "checkPatches: names what is wrong with …" and alike. */
export async function plantedMistakes(): Promise<Map<string, number>> {
  const names: string[] = [];
  const { test } = Deno;
  // The tests' names are made where their files are loaded; none of them runs.
  const collect = (name: unknown) => {
    if (typeof name === "string") names.push(name);
  };
  Object.assign(Deno, { test: Object.assign(collect, { ignore: collect, only: collect }) });
  try {
    for (const file of testFiles("tests/exercises")) {
      await import(pathToFileURL(join(root, file)).href);
    }
  } finally {
    Object.assign(Deno, { test });
  }
  const planted = names.flatMap((name) =>
    /^(check\w+):? (?:names|explains|gives nothing for|hears)/.exec(name)?.[1] ?? []
  );
  return new Map(
    [...Map.groupBy(planted, (each) => each)].map(([check, all]) => [check, all.length]),
  );
}
