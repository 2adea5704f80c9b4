/** Every command comes to harm, in a small part of `./tessera faults`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { commands } from "../../tools/places.ts";
import { trials } from "../places/course.ts";
import { costOf } from "./costs.ts";
import { onlyStarted, tryFaults } from "./harness.ts";
import { kinds } from "./kinds.ts";
import { pageWith } from "./page.ts";
import { hasSmallDisks } from "./small_disk.ts";

Deno.test("every command of the help has its faults, and every place where one writes", async () => {
  const help = await Deno.readTextFile(join(root, "tools", "help.txt"));
  const told = [...help.matchAll(/^ {2}\.\/tessera (\w[\w-]*)/gm)].map(([, name]) => name);
  assertEquals([...new Set(told)].filter((name) => !(name in trials)), []);
  assertEquals(Object.keys(commands).filter((name) => !(name in trials)), []);
  assertEquals(Object.keys(onlyStarted).filter((name) => !(name in commands)), []);
  // What only starts here writes nothing that others do not write as well.
  const harmed = Object.entries(commands).filter(([name]) => !(name in onlyStarted));
  const covered = new Set(harmed.flatMap(([, { writes }]) => writes));
  const written = new Set(Object.values(commands).flatMap(({ writes }) => writes));
  assertEquals([...written].filter((place) => !covered.has(place)), []);
});

Deno.test("commands that end in any way, on any disk, lose nothing and work again", async () => {
  const said: string[] = [];
  const results = await tryFaults({
    names: ["home", "history", "pdf"],
    ...{ moments: 1, files: 1, seed: 3 },
    say: (line) => said.push(line),
  });
  const faults = Object.values(results).flatMap((row) =>
    Object.values(row).flatMap(({ faults }) => faults)
  );
  assertEquals(faults, [], said.join("\n"));
  const canMount = Deno.uid() === 0 && await hasSmallDisks();
  const tried = Object.keys(results.pdf).length;
  assertEquals(tried, canMount ? Object.keys(kinds).length : Object.keys(kinds).length - 2);
});

Deno.test("the page of reliability takes its table, and keeps its words", async () => {
  const page = await Deno.readTextFile(join(root, "docs", "reliability.md"));
  const made = pageWith(page, {
    results: { home: { killed: { tried: 4, faults: ["one"] } } },
    trainings: {
      counts: { SIGKILL: 1, SIGTERM: 2, SIGHUP: 3, SIGINT: 4 },
      ...{ faults: [], trainings: 5 },
    },
    costs: [{
      ...{ recipe: "small", megabytes: 1.234, writeSeconds: 0.05, epochSeconds: 20 },
      ...{ load: 0.5, cores: 2 },
    }],
  });
  assertStringIncludes(made, "| `home` | 3 of 4 | – |");
  assertStringIncludes(
    made,
    "Trainings were ended 10 times at random moments (1 SIGKILL, 2 SIGTERM",
  );
  assertStringIncludes(made, "- `tensorboard`: a server that writes nothing");
  assertStringIncludes(made, "| `small` | 1.2 MB | 0.05 s | 20 s | 0.25 % | 0.5 on 2 |");
  assert(made.startsWith("# However it ends"));
});

Deno.test("what a training's writes cost is measured on its own files", async () => {
  const { recipe, megabytes, writeSeconds, epochSeconds } = await costOf("mnist-vit");
  // Weights and the two averages of the optimizer, and the weights once more, in float32.
  assert(megabytes > 4 * 4 * 106_506 / 1e6 && megabytes < 3, `${recipe}: ${megabytes} MB`);
  assert(writeSeconds > 0 && epochSeconds > 0);
});
