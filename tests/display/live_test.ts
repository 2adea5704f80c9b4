import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { environment } from "../../lib/platform/environment.ts";
import { LiveDisplay } from "../../lib/display/live.ts";
import { displayed, printed, runCells } from "./kernel.ts";

const cells = [
  `const { LiveDisplay } = await import("./lib/display/live.ts");
   const { environment } = await import("./lib/platform/environment.ts");
   console.log(environment());`,
  `const live = new LiveDisplay({ minimumIntervalSeconds: 0.1 });
   const begun = performance.now();
   let drawings = 0;
   for (let step = 0; step < 40; step++) {
     live.update(() => ({ "text/plain": "step " + step + ", drawing " + ++drawings }));
     await new Promise((resolve) => setTimeout(resolve, 10));
   }
   live.update({ "text/plain": "the last update" });
   await live.finish({ "text/plain": "finished" });
   live.update({ "text/plain": "too late" });
   console.log(drawings, Math.ceil((performance.now() - begun) / 100));`,
  `const failing = new LiveDisplay();
   failing.update(() => { throw new Error("cannot draw"); });
   await failing.finish({ "text/plain": "went on" });`,
  `const trailing = new LiveDisplay({ minimumIntervalSeconds: 0.1 });
   trailing.update({ "text/plain": "first" });
   await new Promise((resolve) => setTimeout(resolve, 20));
   trailing.update({ "text/plain": "replaced" });
   trailing.update({ "text/plain": "kept" });
   await new Promise((resolve) => setTimeout(resolve, 1000));`,
  `const { curves } = await import("./lib/display/curves.ts");
   const chart = new LiveDisplay();
   chart.update(() => curves({ yLabel: "loss", series: { training: [3, 2] } }));
   const unfinished = new LiveDisplay();
   unfinished.update(curves({ yLabel: "loss", series: { training: [3, 2] } }));
   await new Promise((resolve) => setTimeout(resolve, 5000));`,
  `await chart.finish(curves({ yLabel: "loss", series: { training: [3, 2, 1] } }));`,
  `curves({ yLabel: "loss", series: { training: [3, 2, 1] } })`,
  `const bar = new LiveDisplay({ minimumIntervalSeconds: 0.05 });
   let second = "not shown";
   bar.update(() => ({ "text/plain": "first" }));
   for (const end = performance.now() + 300; performance.now() < end;);
   bar.update(() => ({ "text/plain": second = "shown" }));
   await new Promise((resolve) => setTimeout(resolve, 1500));
   console.log(second);`,
];

const chartTypes = ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"];
const types = (data: Record<string, unknown>) => Object.keys(data).sort();

Deno.test("LiveDisplay in a headless run shows the final state alone", async () => {
  const [where, live, failing, trailing, updated, finished, last] = await runCells(cells);
  assertEquals(printed(where), "headless\n");
  assertEquals(displayed(live), [{ "text/plain": "finished" }]);
  assertMatch(printed(live), /^0 /);
  assertEquals(displayed(failing), [{ "text/plain": "went on" }]);
  assertEquals(displayed(trailing), []);
  assertEquals(displayed(updated), []);
  assertEquals(displayed(finished).map(types), [chartTypes]);
  assertEquals(displayed(last).map(types), [chartTypes]);
});

Deno.test("LiveDisplay in a notebook updates one output, no faster than its interval", async () => {
  const [where, live, failing, trailing, chart, , , bar] = await runCells(cells, {
    JPY_SESSION_NAME: "a.ipynb",
  });
  assertEquals(printed(where), "notebook\n");
  assertEquals(displayed(live), [{ "text/plain": "finished" }]);
  const [drawings, intervals] = printed(live).split(" ").map(Number);
  assert(
    drawings >= 2 && drawings <= intervals + 1,
    `${drawings} drawings in ${intervals} intervals`,
  );
  assertStringIncludes(printed(failing), "cannot draw");
  assertEquals(displayed(failing), [{ "text/plain": "went on" }]);
  assertEquals(displayed(trailing), [{ "text/plain": "kept" }]);
  // The next cell finishes the first of these, and that reaches its output here.
  const shown = displayed(chart).map(types).sort((one, other) => other.length - one.length);
  assertEquals(shown, [chartTypes, chartTypes.slice(1)]);
  // What else the cell is busy with does not count as drawing.
  assertEquals(printed(bar), "shown\n");
});

Deno.test("environment follows TESSERA_HEADLESS before its own guess", async () => {
  const forced = { JPY_SESSION_NAME: "a.ipynb", TESSERA_HEADLESS: "1" };
  const [[headless], [notebook]] = await Promise.all([
    runCells(cells.slice(0, 1), forced),
    runCells(cells.slice(0, 1), { TESSERA_HEADLESS: "0" }),
  ]);
  assertEquals([printed(headless), printed(notebook)], ["headless\n", "notebook\n"]);
});

Deno.test("LiveDisplay in a terminal shows nothing and does not wait", async () => {
  assertEquals(environment(), "terminal");
  const live = new LiveDisplay();
  live.update(() => {
    throw new Error("drawn in a terminal");
  });
  await live.finish({ "text/plain": "finished" });
});
