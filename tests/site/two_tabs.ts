/** The site in two tabs of a browser. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { notebookOf } from "./made_site.ts";
import { type SiteInBrowser, wordsOf } from "./site_in_browser.ts";

/** The same notebook, written to in two tabs: JupyterLab asks, and both versions are kept before. */
export async function keepsBothVersions(site: SiteInBrowser): Promise<void> {
  const path = "unit0/twice.ipynb";
  const write = (source: string) =>
    site.browser.evaluate(
      `void testedNotebook.content.model.sharedModel.cells[0].setSource(${JSON.stringify(source)})`,
    );
  const save = () => site.browser.evaluate(`testedNotebook.context.save().then(() => 0, () => 0)`);
  await site.openNotebook(path, notebookOf(["// first"]));
  const address = await site.browser.evaluate(`location.href`);
  const goBack = await site.browser.anotherTab();
  await site.enter("", new URL("../", address).href);
  await site.openNotebook(path);
  await site.until(`document.body.innerText.includes("is open in another window too")`);
  await write("// there");
  await save();
  await goBack();
  await write("// here");
  save();
  assertStringIncludes(await site.dialog(), "Overwrite");
  const kept: string[] = await site.browser.evaluate(`(async () => {
    const { contents } = jupyterapp.serviceManager;
    const { content } = await contents.get("history/unit0", { content: true });
    return Promise.all(content.map(async ({ path }) =>
      (await contents.get(path, { content: true })).content.cells[0].source));
  })()`);
  assertEquals(kept.map((each) => [each].flat().join("")).sort(), ["// here", "// there"]);
  await site.answer("Cancel");
}

/** A training's folder is its own, in whichever tab it runs. */
export async function locksTrainings(site: SiteInBrowser): Promise<void> {
  const training = notebookOf([
    `import { Checkpointing, freeFolder } from "tessera";
     const folder = await freeFolder("run");
     const checkpoints = new Checkpointing(folder);
     await checkpoints.onStart({ step: 0 } as never);
     folder`,
    `await new Checkpointing("run").onStart({ step: 0 } as never)`,
    `import { homePath, Linear, loadWeights, Random, saveWeights } from "tessera";
     const [layer, made] = [new Linear(2, 2, { random: new Random(1) }), homePath("data", "decoded", "a.safetensors")];
     await saveWeights(layer, made);
     await loadWeights(layer, made);
     "read"`,
  ]);
  await site.openNotebook("unit0/here.ipynb", training);
  await site.runCell(0);
  const address = await site.browser.evaluate(`location.href`);
  const goBack = await site.browser.anotherTab();
  await site.enter("", new URL("../", address).href);
  await site.openNotebook("unit0/there.ipynb", training);
  await site.runCell(0);
  await site.runCell(1);
  await site.runCell(2);
  const [free, taken, read] = await site.cells();
  // What is made of data sets is kept in memory alone.
  assertStringIncludes(wordsOf(read.outputs), "read");
  assertEquals(await site.file("data/decoded/a.safetensors"), undefined);
  const busy = "Another training writes to run, in another notebook or program";
  assertStringIncludes(wordsOf(free.outputs), `${busy}: this one is kept in run-2.`);
  assertStringIncludes(wordsOf(taken.outputs), `${busy}: stop it first`);
  await goBack();
}
