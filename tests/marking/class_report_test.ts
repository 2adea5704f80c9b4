/** The report of a class, and which submissions are alike. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/csv";
import { parseHTML } from "linkedom";
import { join } from "node:path";
import { notebooksIn, readNotebook, sourceFolder, textOf } from "../../tools/notebooks.ts";
import { taskOf } from "../../marking/handing_in/missing.ts";
import { type MadeUp, makeClass } from "./made_up_class.ts";

const folder = await Deno.makeTempDir({ prefix: "tessera-class-report-test-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const grading = join(folder, "grading");
Deno.env.set("TESSERA_GRADING", grading);
Deno.test.afterAll(() => Deno.env.delete("TESSERA_GRADING")); // the next file runs in this process
// What they import reads the setting.
const { Book } = await import("../../marking/book.ts");
const { writeClassReport } = await import("../../marking/class_report.ts");
const { alikeSubmissions } = await import("../../marking/alike.ts");
const { markup } = await import("../../marking/markup.ts");

const unit = "unit1";

/** The texts of the solved tasks by nbgrader's id. */
async function solutions(): Promise<Record<string, string>> {
  const [path] = notebooksIn(join(sourceFolder, unit));
  return Object.fromEntries((await readNotebook(path)).cells.flatMap((cell) => {
    const task = taskOf(cell);
    return task?.solution ? [[task.grade_id, textOf(cell)]] : [];
  }));
}

/** Another way to write a task: one that nobody else has. */
const oddPatches = `function imageToPatches(images: tf.Tensor4D, patchSize: number): tf.Tensor3D {
  const [batch, height, width, channels] = images.shape;
  const pieces: tf.Tensor3D[] = [];
  for (let top = 0; top < height; top += patchSize) {
    for (let left = 0; left < width; left += patchSize) {
      const piece = tf.slice(images, [0, top, left, 0], [batch, patchSize, patchSize, channels]);
      pieces.push(tf.reshape(piece, [batch, 1, patchSize * patchSize * channels]));
    }
  }
  return tf.concat(pieces, 1) as tf.Tensor3D;
}`;
const renamed = oddPatches.replaceAll("pieces", "stuecke").replaceAll("piece", "stueck")
  .replaceAll("top", "zeile").replaceAll("left", "spalte");

async function inClass(
  learners: MadeUp[],
  body: () => Promise<void>,
  options: { gradebook?: boolean } = {},
): Promise<void> {
  try {
    await makeClass(grading, unit, learners, options);
    await body();
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.mkdir(folder);
  }
}

Deno.test("class-report tells who handed in, what failed and why, and never shows a zero for what is not known", async () => {
  const solved = await solutions();
  const lost = { "check-patches": "the patches are in another order." };
  const learners: MadeUp[] = [
    { learner: "Noether-1", cells: solved },
    {
      learner: "Gödel-2",
      cells: { ...solved, "answer-block": "*Your answer here.*" },
      failed: lost,
    },
    { learner: "Euler-3", cells: solved, failed: { ...lost, "check-model": "no positions." } },
    {
      learner: "<b>Abel-4",
      notGraded: "the notebook is no JSON",
    },
    {
      learner: "Riemann-5",
      cells: solved,
      failed: { "check-patches": "a row is missing." },
      warnings: [{
        kind: "cell added",
        text: "Cell 7 was added.",
        cell: 7,
        source: "alert('<x>')",
      }],
    },
  ];
  await inClass(learners, async () => {
    await Deno.writeTextFile(
      join(grading, "class.csv"),
      "id,first_name,last_name,email,group\nNoether-1,Emmy,Noether,,\nGauß-9,Carl,=Gauß,,\n",
    );
    {
      await using book = new Book();
      const question = { notebook: "vision_transformer_mnist", task: "answer-training" };
      await book.give(unit, question, { learners: ["Noether-1"], points: 0.5, comment: "Short." });
    }
    const { page, csv } = await writeClassReport(unit);
    const rows = parse(await Deno.readTextFile(csv), { skipFirstRow: true }) as Record<
      string,
      string
    >[];
    const row = (id: string) => rows.find((each) => each.id === id)!;
    assertEquals(rows.length, 6);
    // 8 points of checks; half a point by a person; one answer is still open.
    assertEquals([row("Noether-1").points, row("Noether-1").open], ["8.5", "1"]);
    assertEquals([row("Gödel-2").points, row("Gödel-2").open], ["6", "1"]);
    assertEquals(row("Euler-3").points, "4");
    assertStringIncludes(row("Euler-3").failed, "check-model: no positions.");
    assertEquals([row("<b>Abel-4").points, row("<b>Abel-4").state], ["", "not graded"]);
    assertEquals([row("Gauß-9").state, row("Gauß-9").points], ["not handed in", ""]);
    assertEquals(row("Gauß-9").last_name, "'=Gauß"); // no formula in a spreadsheet
    assertEquals(row("Noether-1")["vision_transformer_mnist/answer-block"], "");

    const text = await Deno.readTextFile(page);
    const { document } = parseHTML(text);
    const said = document.body?.textContent ?? document.toString();
    for (
      const words of ["the notebook is no JSON", "Cell 7 was added.", "alert('<x>')", "≥ 8.5"]
    ) assertStringIncludes(said, words);
    assertEquals(document.querySelectorAll("b b").length, 0, "a name became HTML");
    assertEquals(/https?:\/\/(?!www\.w3\.org)/.test(text), false, "the page needs a network");
    const blocks = [...document.querySelectorAll("table")][0].textContent;
    assertStringIncludes(blocks, "check-patches");
    assertStringIncludes(blocks, "3 of 4");
    assertStringIncludes(blocks, "the patches are in another order. (2 of 3)");
    assert(document.querySelector("figure svg"), "there is no chart");

    // What a person writes into the report stays.
    await Deno.writeTextFile(csv, "mine");
    await writeClassReport(unit);
    const kept = [...Deno.readDirSync(join(grading, "reports"))].map(({ name }) =>
      Deno.readTextFileSync(join(grading, "reports", name))
    );
    assert(kept.includes("mine"));
  });
});

Deno.test("alike are those who copied, whatever they renamed; not those who were given or found the same", async () => {
  const solved = await solutions();
  const learners: MadeUp[] = [
    { learner: "Noether-1", cells: { ...solved, patches: oddPatches } },
    { learner: "Copy-2", cells: { patches: renamed } },
    ...Array.from({ length: 8 }, (_, index) => ({
      learner: `Other-${index + 10}`,
      cells: { ...solved, "answer-block": `${index} `.repeat(30) },
    })),
    { learner: "Empty-30" },
    { learner: "Empty-31" },
  ];
  await inClass(learners, async () => {
    const pairs = await alikeSubmissions(unit);
    assert(pairs.length <= 10);
    const [first] = pairs.filter(({ kind }) => kind === "code");
    assertEquals(new Set([first.left, first.right]), new Set(["Noether-1", "Copy-2"]));
    assertStringIncludes(first.leftPiece + first.rightPiece, "stueck");
    assertEquals(
      pairs.filter(({ left, right }) => `${left}${right}`.includes("Empty")),
      [],
      "what was handed out is taken for copied",
    );
  }, { gradebook: false });
});

Deno.test("markup escapes all that is not markup", () => {
  const inner = markup`<b>${"<i>"}</b>`;
  assertEquals(
    markup`<a title="${'"&'}">${[inner, "'"]}</a>`.text,
    '<a title="&#34;&#38;"><b>&#60;i&#62;</b>&#39;</a>',
  );
});
