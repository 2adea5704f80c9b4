/** A tab that was closed during a training shows all of it again when it comes back, and goes on. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";

const chromium = findChromium();
const ignore = !chromium;
if (ignore) console.warn("There is no Chromium here: no tab is closed.");

const setUp = `import { AdamW, constant, LiveChart, Trainer } from "tessera";
import { columns, scale, SmallNet } from "${root}/tests/training/small.ts";
const makeTrainer = (epochs: number) => {
  const model = new SmallNet();
  return new Trainer({
    model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model),
    schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale }, epochs,
    callbacks: [new LiveChart(), { onStep: () => new Promise((resolve) => setTimeout(resolve, 40)) }],
  });
};
console.log("set up");`;

/** A training that only Stop ends, as in unit 1, and what Run All sends behind it. */
const endless = [
  setUp,
  "const trainer = makeTrainer(500);\nawait trainer.run();",
  'console.log("behind");',
];
/** One that ends by itself, and a cell that says so. */
const ending = (flag: string) => [
  setUp,
  'console.log("before");',
  "await makeTrainer(12).run();",
  `await Deno.writeTextFile("${flag}", ""); 6 * 7`,
];

const notebook = (sources: string[]) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    cells: sources.map((source, index) => ({
      ...{ cell_type: "code", id: `cell-${index}`, source, outputs: [], execution_count: null },
      metadata: {},
    })),
  });

interface Shown {
  /** The number beside the cell, or `*`. */
  prompt: string;
  text: string;
  chart: string;
  bar: string;
  value: string;
  types: string[];
}

/** What a window shows of each cell. */
function shown(lab: Lab): Promise<Shown[]> {
  return lab.browser.evaluate(`panel.content.widgets.map(({ model, promptNode, outputArea }) => {
    const outputs = model.outputs.toJSON();
    const texts = outputs.filter(({ data }) => data).map(({ data }) => [data["text/plain"] ?? ""].flat().join(""));
    return {
      prompt: model.executionState === "running" ? "*" : String(model.executionCount),
      text: outputs.map(({ text }) => [text ?? ""].flat().join("")).join(""),
      chart: String(outputs.find(({ data }) => data?.["image/svg+xml"])?.data["image/svg+xml"] ?? ""),
      bar: texts.find((text) => /epoch \\d+/i.test(text)) ?? "",
      value: texts.join(),
      types: outputs.map(({ output_type }) => output_type),
    };
  })`);
}

const epochsIn = ({ text }: Shown) =>
  [...text.matchAll(/^epoch +(\d+)/gmi)].map(([, epoch]) => Number(epoch));

/** Waits until a cell has so many epochs' lines, none twice and none left out. */
async function untilEpoch(lab: Lab, epochs: number): Promise<Shown> {
  const end = performance.now() + 180_000;
  while (performance.now() < end) {
    const cell = (await shown(lab))[1];
    const found = epochsIn(cell);
    assertEquals(found, found.map((_, index) => index + 1), cell.text);
    if (found.length >= epochs) return cell;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no ${epochs} epochs: ${JSON.stringify(await shown(lab))}`);
}

/** Waits until the bar, the chart and the lines are others, as they come while a training runs. */
async function untilItGoesOn(lab: Lab, from: Shown): Promise<Shown> {
  const end = performance.now() + 180_000;
  const epochs = epochsIn(from).length;
  while (performance.now() < end) {
    const cell = await untilEpoch(lab, epochs + 1);
    const hasMoved = from.chart && cell.chart !== from.chart && from.bar && cell.bar !== from.bar;
    if (hasMoved && cell.chart.length > 1000) return cell;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the chart or the bar stands still: ${JSON.stringify(from)}`);
}

Deno.test({
  name:
    "A tab that was closed, or loaded anew, shows a training's bar, chart and lines, which go on",
  ignore,
  fn: async () => {
    await using lab = await Lab.start(chromium!);
    await Deno.writeTextFile(join(lab.home, "a.ipynb"), notebook(endless));
    await lab.openNotebook("a.ipynb");
    await lab.command("notebook:run-all-cells");
    const first = await untilEpoch(lab, 2);
    let epochs = epochsIn(first).length;
    for (const way of ["closed", "loaded anew", "closed for long"]) {
      if (way !== "loaded anew") await lab.browser.open("about:blank");
      if (way === "closed for long") await new Promise((resolve) => setTimeout(resolve, 3000));
      await lab.openNotebook("a.ipynb", "busy");
      const back = await untilEpoch(lab, epochs + 1);
      assertEquals(back.prompt, "*", way);
      const [, , behind] = await shown(lab);
      assertEquals([behind.prompt, behind.text], ["*", ""], way);
      epochs = epochsIn(back).length;
      const later = await untilItGoesOn(lab, back);
      assertEquals(later.types, back.types, way);
      assertEquals(
        await lab.browser.evaluate("panel.sessionContext.kernelDisplayStatus"),
        "busy",
        way,
      );
      epochs = epochsIn(later).length;
    }

    // A second window on the same notebook sees the same, and the first one sees nothing twice.
    await using second = await lab.another(chromium!);
    await second.openNotebook("a.ipynb", "busy");
    epochs = epochsIn(await untilEpoch(second, epochs + 1)).length;
    await untilEpoch(lab, epochs + 1);

    await second.command("notebook:interrupt-kernel");
    for (const window of [lab, second]) {
      await window.untilIdle();
      const [set, training, behind] = await shown(window);
      assertEquals([set.prompt, set.text], ["1", "set up\n"]);
      assertStringIncludes(training.text, "Stopped as you asked");
      assertEquals([training.prompt, behind.prompt, behind.text], ["2", "3", "behind\n"]);
    }
    assertEquals((await shown(lab))[1], (await shown(second))[1]);
    // Saving is JupyterLab's, and holds what is shown.
    await lab.command("docmanager:save");
    await lab.until("panel.context.model.dirty === false");
    assertStringIncludes(
      await Deno.readTextFile(join(lab.home, "a.ipynb")),
      "Stopped as you asked",
    );
  },
});

Deno.test({
  name: "What several cells showed while their tab was closed is there when it comes back",
  ignore,
  fn: async () => {
    await using lab = await Lab.start(chromium!);
    const flag = join(lab.home, "ended");
    await Deno.writeTextFile(join(lab.home, "b.ipynb"), notebook(ending(flag)));
    await lab.openNotebook("b.ipynb");
    await lab.command("notebook:run-all-cells");
    await lab.until(`panel.content.widgets[1].model.executionCount === 2`);
    await lab.browser.open("about:blank");
    while (!await Deno.stat(flag).catch(() => undefined)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await lab.openNotebook("b.ipynb");
    await lab.until("panel.content.widgets[3].model.executionCount === 4");
    await lab.untilIdle();
    const [set, before, training, last] = await shown(lab);
    assertEquals([set.text, before.text, last.value.includes("42")], [
      "set up\n",
      "before\n",
      true,
    ]);
    assertEquals(epochsIn(training).length, 12);
    assert(training.chart.length > 1000);
    assertEquals([set, before, training, last].map(({ prompt }) => prompt), ["1", "2", "3", "4"]);
    // What was cleared and saved stays so.
    await lab.command("notebook:clear-all-cell-outputs");
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await lab.command("docmanager:save");
    await lab.until("panel.context.model.dirty === false");
    await lab.openNotebook("b.ipynb");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assertEquals((await shown(lab)).map(({ types }) => types.length), [0, 0, 0, 0]);
  },
});
