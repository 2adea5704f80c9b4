/** What learners get back: pages, points, reasons; never a zero for what nobody knows. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { CommandError, program } from "../../tools/command.ts";
import { makeClass } from "./made_up_class.ts";
import { textsIn } from "./read_archive.ts";

const folder = await Deno.makeTempDir({ prefix: "tessera-give-back-test-" });
const grading = join(folder, "grading");
Deno.env.set("TESSERA_GRADING", grading);
Deno.test.afterAll(() => Deno.env.delete("TESSERA_GRADING")); // the next file runs in this process
// What they import reads the setting.
const { Book } = await import("../../marking/book.ts");
const { giveBack } = await import("../../marking/give_back.ts");
const { Reading } = await import("../../marking/reading/reading.ts");

const unit = "unit1";
const notebook = "vision_transformer_mnist";

Deno.test("give-back makes an archive for each, and lets those wait whose answers nobody has read", async () => {
  try {
    await Deno.mkdir(grading, { recursive: true });
    await assertRejects(() => giveBack(unit), CommandError, "nothing of unit1 was handed in");
    const answers = {
      "answer-block": "Because $x + f(x)$. <script>mine()</script>",
      "answer-training": "Dropout.",
    };
    await makeClass(grading, unit, [
      { learner: "Müller-O'Neill-1", cells: answers, failed: { "check-model": "no positions." } },
      { learner: "Gödel-2", cells: { ...answers, "answer-block": "Nobody has read this." } },
      { learner: "Abel-3", notGraded: "the notebook is no JSON" },
    ]);
    {
      await using book = new Book();
      for (const [task, points] of [["answer-block", 0.5], ["answer-training", 1]] as const) {
        const given = { learners: ["Müller-O'Neill-1"], points, comment: "Which LayerNorm?" };
        await book.give(unit, { notebook, task }, given);
      }
    }
    const { archives, waiting } = await giveBack(unit);
    assertEquals(waiting, [
      { learner: "Gödel-2", reason: "2 tasks whose points are not known yet" },
    ]);
    const [abel, mueller] = archives;
    assertEquals(
      archives,
      ["Abel-3", "Müller-O'Neill-1"].map((id) => join(grading, "given-back", unit, `${id}.zip`)),
    );
    const given = await textsIn(mueller);
    assertEquals([...given.keys()], ["points.txt", "points.csv", `${notebook}.html`]);
    // Six of the eight points of checks, and one and a half by a person.
    for (
      const words of [
        "7.5 of 10 points",
        "no positions.",
        "Which LayerNorm?",
        "check-model: 0 of 2",
      ]
    ) {
      assertStringIncludes(given.get("points.txt")!, words);
    }
    const page = given.get(`${notebook}.html`)!;
    for (const words of ["Which LayerNorm?", "Score: 7.5 / 10.0", "<math"]) {
      assertStringIncludes(page, words);
    }
    assert(!/<script[^>]*src=|<link[^>]*href="http/.test(page), "the page needs a network");
    // What a learner wrote runs in nobody's browser.
    assert(!page.includes("<script"), "the page has a script");
    assertMatch(
      page,
      /<head[^>]*><meta http-equiv="Content-Security-Policy" content="default-src 'none';/,
    );

    const reason = (await textsIn(abel)).get("points.txt")!;
    assertStringIncludes(reason, "Not graded: the notebook is no JSON");
    assert(!/\b0 of|0\.0/.test(reason), "what was not graded looks like a zero");

    // Graded again with another text, as grading notes it.
    const changed = `
from nbgrader.api import Gradebook
with Gradebook("sqlite:///${join(grading, "gradebook.db")}") as book:
    book.find_grade("answer-block", "${notebook}", "${unit}", "Müller-O'Neill-1").needs_manual_grade = True
    book.db.commit()`;
    const { success } = await new Deno.Command(program("python"), { args: ["-c", changed] })
      .output();
    assert(success);
    assertEquals((await giveBack(unit)).waiting, [
      { learner: "Gödel-2", reason: "2 tasks whose points are not known yet" },
      { learner: "Müller-O'Neill-1", reason: "1 task changed since a person gave points" },
    ]);
    {
      await using book = new Book();
      const reading = await Reading.of(unit, book, () => []);
      const shown = reading.shown.find(({ title }) => title.endsWith("answer-block"))!;
      const again = shown.answers.findIndex(({ comment }) => comment === "Which LayerNorm?");
      assertEquals(shown.answers[again].points, null); // to be read once more
      await reading.give(reading.shown.indexOf(shown), again, {
        ...{ points: 0.5, comment: "Which LayerNorm?" },
      });
    }
    assertEquals((await giveBack(unit)).waiting.length, 1);

    const open = await giveBack(unit, { open: true });
    assertEquals([open.archives.length, open.waiting], [3, []]);
    const goedel = await textsIn(join(grading, "given-back", unit, "Gödel-2.zip"));
    assertStringIncludes(goedel.get("points.txt")!, "8 of 10 points, and 2 that are not known yet");
    assertStringIncludes(goedel.get("points.txt")!, "answer-block: – of 1");
    const unread = goedel.get(`${notebook}.html`)!;
    assertStringIncludes(unread, "Score: 8.0 / 10.0, and 2 not known yet");
    assertEquals(unread.match(/not known yet, of 1\.0/gi)?.length, 4); // in the list, and at the cells
    assert(!unread.includes("Score: 0.0"), "what nobody knows looks like a zero");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a page that takes too long costs its own learner, and what there is of it is not given back", async () => {
  try {
    // Every beginning of a formula looks for its end, through all of the text.
    const endless = "\\begin{a}".repeat(60_000);
    await makeClass(grading, unit, [{ learner: "Euler-4", cells: { "answer-block": endless } }]);
    const { archives, waiting } = await giveBack(unit, { open: true, pageSeconds: 3 });
    assertEquals(waiting, [
      { learner: "Euler-4", reason: "there is no page: it took longer than 3 seconds" },
    ]);
    assertEquals([...(await textsIn(archives[0])).keys()], ["points.txt", "points.csv"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
