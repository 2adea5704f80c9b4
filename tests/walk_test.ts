/**
 * A new learner walks through units 0 and 1 in JupyterLab: opens them, slips, reads what the check says,
 * stops a training, closes the tab, comes back, restarts the kernel, goes on, and exports. Pictures of what
 * they see are in `out/tests/walk`, to be looked at.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { readNotebook, sourceFolder, textOf } from "../tools/notebooks.ts";
import { findChromium } from "./chromium.ts";
import { Lab } from "./lab.ts";

const chromium = findChromium();
const ignore = !chromium;
if (ignore) console.warn("There is no Chromium here: nobody walks through the units.");

const pictures = join(root, "out", "tests", "walk");

/** An output as the notebook's file has it. */
interface Output {
  output_type: string;
  name?: string;
  text?: string;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  data?: Record<string, string>;
}

/** One who reads, types and presses keys in JupyterLab. */
class Learner {
  readonly lab: Lab;
  #pictures = 0;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** The identifiers of the open notebook's code cells, in their order. */
  async codeCells(): Promise<string[]> {
    return await this.lab.browser.evaluate(
      `panel.content.widgets.filter(({ model }) => model.type === "code").map(({ model }) => model.id)`,
    );
  }

  /** Puts a text in place of a cell's, by keys. */
  async type(id: string, text: string): Promise<void> {
    const { browser } = this.lab;
    await this.#goTo(id);
    await this.lab.command("notebook:enter-edit-mode");
    await this.lab.until(
      "panel.content.mode === 'edit' && panel.content.activeCell.editor.hasFocus()",
    );
    await browser.send("Input.dispatchKeyEvent", {
      ...{ type: "keyDown", key: "a", code: "KeyA", windowsVirtualKeyCode: 65, modifiers: 2 },
      commands: ["selectAll"],
    });
    await browser.send("Input.insertText", { text });
    assertEquals(await this.#read(id, "model.sharedModel.getSource()"), text);
  }

  /** Begins to run a cell. */
  async begin(id: string): Promise<void> {
    await this.#goTo(id);
    const before = await this.#read(id, "model.executionCount");
    await this.lab.command("notebook:run-cell");
    const model = `${found(id)}.model`;
    await this.lab.until(
      `${model}.executionState === "running" || (${model}.executionCount ?? ${before}) !== ${before}`,
    );
  }

  /** Runs a cell to its end, and gives what it shows. */
  async run(id: string, seconds?: number): Promise<Output[]> {
    await this.begin(id);
    await this.lab.untilIdle(seconds, true);
    return await this.outputs(id);
  }

  /** Waits until a cell shows some words. */
  async untilSaid(id: string, words: string): Promise<void> {
    const outputs = `${found(id)}.model.outputs.toJSON()`;
    await this.lab.until(`JSON.stringify(${outputs}).includes(${quoted(words)})`);
  }

  async outputs(id: string): Promise<Output[]> {
    return await this.#read(id, "model.outputs.toJSON()");
  }

  /** Takes a picture of the window with the cell in it. */
  async look(name: string, id: string): Promise<void> {
    await this.#goTo(id);
    await new Promise((resolve) => setTimeout(resolve, 700)); // scrolling, and what is drawn late
    const number = String(++this.#pictures).padStart(2, "0");
    await this.lab.browser.screenshot(join(pictures, `${number}-${name}.png`));
  }

  async save(): Promise<void> {
    await this.lab.command("docmanager:save");
    await this.lab.until("panel.context.model.dirty === false");
  }

  async #goTo(id: string): Promise<void> {
    await this.lab.browser.evaluate(`(async () => {
      const index = panel.content.widgets.findIndex(({ model }) => model.id === ${quoted(id)});
      panel.content.activeCellIndex = index;
      await panel.content.scrollToCell(panel.content.widgets[index]);
    })()`);
  }

  // deno-lint-ignore no-explicit-any
  async #read(id: string, what: string): Promise<any> {
    return await this.lab.browser.evaluate(`${found(id)}.${what}`);
  }
}

const quoted = (text: string) => JSON.stringify(text);
const found = (id: string) =>
  `panel.content.widgets.find(({ model }) => model.id === ${quoted(id)})`;

/** All that outputs say, as words, wherever their lines were broken. */
function said(outputs: readonly Output[]): string {
  const texts = outputs.map(({ text, traceback, data }) =>
    text ?? traceback?.join("\n") ?? data?.["text/plain"] ?? ""
  );
  return texts.join(" ").replace(/\s+/g, " ");
}

function assertNoError(outputs: readonly Output[], id: string): void {
  assertEquals(outputs.filter(({ output_type }) => output_type === "error"), [], id);
}

/** What an author wrote in the cells that are the learner's to write. */
async function solutions(unit: string, notebook: string): Promise<Map<string, string>> {
  const { cells } = await readNotebook(join(sourceFolder, unit, notebook));
  const marked = cells.map((cell): [string, string] => [cell.id!, textOf(cell)])
    .filter(([, text]) => text.includes("BEGIN SOLUTION"));
  return new Map(
    marked.map(([id, text]) => [id, text.replace(/^.*(BEGIN|END) SOLUTION.*\n/gm, "")]),
  );
}

async function exportPdf(lab: Lab, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const page = await lab.browser.evaluate(
    `fetch("/nbconvert/TesseraPDF/${path}?download=true").then(async (answer) => {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { status: answer.status, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
    })`,
  );
  assertEquals(page.status, 200);
  return Uint8Array.fromBase64(page.base64);
}

Deno.test({
  name: "a new learner walks through units 0 and 1 in JupyterLab",
  ignore,
  fn: async (test) => {
    // What comes later stands on what came before.
    const step = async (name: string, walk: () => Promise<void>) =>
      assert(await test.step(name, walk), name);
    await Deno.mkdir(pictures, { recursive: true });
    await using lab = await Lab.start(chromium!, { environment: { TESSERA_QUICK: "1" } });
    const learner = new Learner(lab);

    await step("unit 0: an unwritten task, a slip, its cause, the right answer", async () => {
      await lab.openNotebook("unit0/first_steps.ipynb");
      const task = (await solutions("unit0", "first_steps.ipynb")).get("standardize")!;
      for (const id of await learner.codeCells()) {
        if (id === "check-standardize") {
          const unwritten = await learner.run(id);
          assertStringIncludes(said(unwritten), "not written yet");
          await learner.look("unit0-not-written", id);

          await learner.type("standardize", task.replace("tf.moments", "tf.moment"));
          await learner.run("standardize");
          assertStringIncludes(said(await learner.run(id)), "tf.moment is not a function");
          await learner.look("unit0-misspelt", id);

          await learner.type("standardize", task.replace("tf.sqrt(variance)", "variance"));
          await learner.run("standardize");
          assertStringIncludes(said(await learner.run(id)), "variance");
          await learner.look("unit0-slip", id);

          await learner.type("standardize", task);
          await learner.run("standardize");
          const right = await learner.run(id);
          assertNoError(right, id);
          assertStringIncludes(said(right), "✔");
          await learner.look("unit0-right", id);
        } else {
          assertNoError(await learner.run(id), id);
        }
      }
      await learner.look("unit0-end", "careless");
      await learner.save(); // or the browser asks whether to leave
    });

    const unit1 = "unit1/vision_transformer_mnist.ipynb";
    const answers = await solutions("unit1", "vision_transformer_mnist.ipynb");

    await step("unit 1: the parts, each checked, one with a slip", async () => {
      await lab.openNotebook(unit1);
      for (const id of await learner.codeCells()) {
        if (id === "trial") break;
        const answer = answers.get(id);
        if (answer) await learner.type(id, answer);
        const outputs = await learner.run(id);
        assertNoError(outputs, id);
        if (id.startsWith("check-")) assertStringIncludes(said(outputs), "✔", id);
        if (id === "check-patches") {
          await learner.type(
            "patches",
            answers.get("patches")!.replace("0, 1, 3, 2", "0, 3, 1, 2"),
          );
          await learner.run("patches");
          assertStringIncludes(said(await learner.run(id)), "Reading order goes along a row first");
          await learner.look("unit1-slip", id);
          await learner.type("patches", answers.get("patches")!);
          await learner.run("patches");
          await learner.run(id);
        }
      }
      await learner.look("unit1-parts", "check-trainer");
    });

    await step("unit 1: Stop in the first epoch, and in the second", async () => {
      assertNoError(await learner.run("trial"), "trial");
      await learner.look("unit1-trial", "trial");

      const stopAfter = async (sign: string) => {
        await learner.begin("training");
        await lab.until(
          `JSON.stringify(${found("training")}.model.outputs.toJSON()).includes(${quoted(sign)})`,
        );
        await lab.command("notebook:interrupt-kernel");
        await lab.untilIdle();
        const outputs = await learner.outputs("training");
        assertNoError(outputs, "training");
        return said(outputs);
      };
      assertMatch(await stopAfter("before training"), /Stopped as you asked: .* begins anew/);
      await learner.look("unit1-stop-at-once", "training");
      assertMatch(await stopAfter("epoch 1/2 · loss"), /run this cell again, and it goes on/);
      await learner.look("unit1-stop-later", "training");
    });

    await step(
      "unit 1: the kernel restarted, the training goes on, in a tab that is closed",
      async () => {
        await lab.command("kernelmenu:restart");
        await lab.until(`document.querySelector(".jp-Dialog .jp-mod-accept")`);
        await lab.browser.evaluate(`document.querySelector(".jp-Dialog .jp-mod-accept").click()`);
        await lab.until(`!document.querySelector(".jp-Dialog")`);
        await lab.untilIdle();
        assertStringIncludes(
          said(await learner.run("check-model")),
          "makes ViT, run that one first",
        );
        await learner.look("unit1-restarted", "check-model");
        for (const id of await learner.codeCells()) {
          if (id === "trial") break;
          assertNoError(await learner.run(id), id);
        }

        await learner.save();
        await learner.begin("training");
        await learner.untilSaid("training", "Goes on after epoch 1 of 2");
        await lab.closeTab();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await lab.openNotebook(unit1);
        await learner.untilSaid("training", "Best epoch: ");
        const back = said(await learner.outputs("training"));
        for (const line of ["Goes on after epoch 1 of 2", "epoch 2/2 · loss"]) {
          assertStringIncludes(back, line);
        }
        await learner.look("unit1-back", "training");
      },
    );

    await step("unit 1: the rest, the answers, the PDF", async () => {
      const all = await learner.codeCells();
      for (const id of all.slice(all.indexOf("training") + 1)) {
        assertNoError(await learner.run(id), id);
        await learner.look(`unit1-${id}`, id);
      }
      const written =
        "In training the images are flipped; my notes are in C:\\Users\\ada\\new notes.";
      for (const id of ["answer-block", "answer-training"]) {
        await learner.type(id, written);
        await lab.command("notebook:run-cell");
      }
      await learner.look("unit1-answer", "answer-training");
      await learner.save();
      const pdf = await exportPdf(lab, unit1);
      await Deno.writeFile(join(pictures, "unit1.pdf"), pdf);
      assertEquals(new TextDecoder().decode(pdf.slice(0, 5)), "%PDF-");
      assert(pdf.length > 100_000, `the PDF has ${pdf.length} bytes only`);
      // Text in it is compressed, so the sources are asked: they come back in the notebook as saved.
      const { cells } = await readNotebook(join(lab.home, unit1));
      const saved = cells.find(({ id }) => id === "training")!;
      assertStringIncludes(JSON.stringify(saved.outputs), "epoch 2/2 · loss");
    });
  },
});
