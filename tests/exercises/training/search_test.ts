import { assertStringIncludes } from "@std/assert";
import { checkSearch } from "../../../lib/exercises/training/search.ts";
import { fails, passes } from "../verdict.ts";

Deno.test("checkSearch: wants enough trials, different ones, and short runs first", async () => {
  const trial = (learningRate: number, depth: number, ...epochs: number[]) => ({
    settings: { learningRate, depth, heads: 4 },
    results: epochs.map((each) => ({ epochs: each })),
  });
  const trials = [trial(1e-3, 2, 1, 3), trial(1e-4, 2, 1), trial(1e-3, 4, 1), trial(1e-5, 4, 1)];
  const line = await passes(() => checkSearch({ trials }, { trials: 4, points: 1 }));
  assertStringIncludes(line, "4 trials over learningRate, depth; 1 of them for 3 epochs");
  await fails(() => checkSearch({ trials }, { trials: 5 }), "4 trials have a result; at least 5");
  const unfinished = [...trials.slice(1), trial(1, 1)];
  await fails(() => checkSearch({ trials: unfinished }, { trials: 4 }), "it goes on where it was");
  await fails(() => checkSearch({ trials: trials.slice(1) }, { trials: 2 }), "3 of 3 trials");
  const same = trials.map((each, index) =>
    trial(1e-3, index, ...each.results.map((r) => r.epochs))
  );
  await fails(() => checkSearch({ trials: same }, { trials: 2 }), "only depth differs");
  await fails(() => checkSearch(undefined as never, { trials: 2 }), "should be a Search");
});
