/** The program that grades bears what submissions do to it itself, outside of their sandbox. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { captured, root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { sourceFolder } from "../../tools/notebooks.ts";

interface Outcome {
  seconds: number;
  told: string[];
  printed: string[];
  status: { kind: string; reason: string };
  points: (number | null)[];
}

Deno.test("Thousands of cells, escape codes and a program that breaks end nobody's grading", async () => {
  const driver = join(root, "tests", "marking", "hostile_driver.py");
  const { stdout, stderr } = await captured("python", [driver, sourceFolder, exercisesFolder], {
    env: { PYTHONPATH: join(root, "python") },
  });
  assert(stdout, stderr);
  const { seconds, told, printed, status, points }: Outcome = JSON.parse(stdout);
  // It took the square of the number of cells: minutes for these, of the processor whatever else it has to do.
  assert(seconds < 30, `${seconds} s for 6000 cells`);
  assertEquals(told.length, 101);
  assertMatch(told.at(-1)!, /There are 5900 more cells of the learner's own/);
  assertEquals(printed.length, 1);
  assertMatch(printed[0], /^Not taken: best\.safetensors \]0;minex{200,300}$/);
  assertEquals(status, {
    kind: "not graded",
    reason: "it cannot be graded (KeyError: 'mine')",
  });
  assertEquals(new Set(points), new Set([null]));
});

Deno.test("What a learner wrote runs nowhere in formgrader, and shows all the same", async () => {
  const driver = join(root, "tests", "marking", "pages_driver.py");
  const { stdout, stderr } = await captured("python", [driver, join(root, "nbgrader_config.py")]);
  assert(stdout, stderr);
  assertEquals(JSON.parse(stdout), {
    ...{ running: [], cell: "text-align:right;", pictures: 1, bold: "<strong>bold</strong>" },
  });
});
