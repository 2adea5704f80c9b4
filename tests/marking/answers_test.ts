/** Reading answers in words: a page, in a real browser, by the keyboard alone. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { basename, join } from "node:path";
import { Chromium, findChromium } from "../chromium.ts";
import { violations } from "../axe.ts";
import { taskOf } from "../../marking/handing_in/missing.ts";
import { pointsKey } from "../../marking/reading/points_key.ts";
import { notebooksIn, readNotebook, sourceFolder } from "../../tools/notebooks.ts";
import { type MadeUp, makeClass } from "./made_up_class.ts";

const folder = await Deno.makeTempDir({ prefix: "tessera-answers-test-" });
const grading = join(folder, "grading");
Deno.env.set("TESSERA_GRADING", grading);
Deno.test.afterAll(() => Deno.env.delete("TESSERA_GRADING")); // the next file runs in this process
// What they import reads the setting.
const { Book } = await import("../../marking/book.ts");
const { Reading } = await import("../../marking/reading/reading.ts");
const { serve } = await import("../../marking/reading/server.ts");

const unit = "unit1";
const attack = '<script>document.title = "taken"</script><img src=x onerror="document.title=1">';
const learners: MadeUp[] = [
  {
    learner: "Noether-1",
    cells: { "answer-block": "By sums, $x + f(x)$.", "answer-training": "A" },
  },
  { learner: "Gödel-2", cells: { "answer-block": "The same.", "answer-training": "B" } },
  { learner: "Euler-3", cells: { "answer-block": "The same.", "answer-training": attack } },
  { learner: "Abel-4", cells: { "answer-training": "C" } }, // one answer is empty
];

Deno.test("every question in words has a key, whose points are the question's", async () => {
  let questions = 0;
  for (const path of notebooksIn(sourceFolder)) {
    for (const cell of (await readNotebook(path)).cells) {
      const task = taskOf(cell);
      if (cell.cell_type !== "markdown" || !task?.grade || !task.points) continue;
      const key = pointsKey({ notebook: basename(path, ".ipynb"), task: task.grade_id });
      const sum = key.reduce((sum, { points }) => sum + points, 0);
      assertEquals(sum, task.points, `${basename(path)}, ${task.grade_id}`);
      questions++;
    }
  }
  assert(questions >= 20);
});

Deno.test("answers are read nameless, by three keys each, and nothing that was written runs", async (test) => {
  try {
    await makeClass(grading, unit, learners);
    await using book = new Book();
    const reading = await Reading.of(unit, book, pointsKey);

    await test.step("equal answers are one, and empty ones are none", () => {
      assertEquals(reading.shown.map(({ answers }) => answers.length), [2, 4]);
      assertEquals(/Noether|Gödel|Euler|Abel/.test(JSON.stringify(reading.shown)), false);
      const [block] = reading.shown;
      assertStringIncludes(block.question, "The first transformers");
      assertStringIncludes(block.sample, "joined by");
      assertEquals(block.key.length, 2);
      assertStringIncludes(block.answers.map(({ html }) => html).join(), "<math");
    });

    await test.step("a text that cannot be set stays as it was written, and the others are set", async () => {
      const [half, plain] = await book.render(["half a letter \ud83d, <b>", "a *word*"]);
      assertMatch(half, /^<pre>half a letter ., &lt;b&gt;<\/pre>$/);
      assertStringIncludes(plain, "<em>word</em>");
    });

    await test.step("points out of range and answers that are not there are refused", async () => {
      for (const [answer, points] of [[0, 1.5], [0, -1], [9, 1]]) {
        await assertRejects(() => reading.give(0, answer, { points, comment: "" }), RangeError);
      }
    });

    const served = await serve(reading, "Answers");
    try {
      await test.step("nobody without the address gets in", async () => {
        const { origin, host } = new URL(served.address);
        for (const path of ["/", "/questions", "/give"]) {
          const response = await fetch(origin + path);
          await response.body?.cancel();
          assertEquals(response.status, 404, path);
        }
        assert(host.startsWith("127.0.0.1:"));
      });

      const chromium = findChromium();
      await test.step({
        name: "in Chromium",
        ignore: chromium === undefined,
        fn: async () => {
          await using browser = await Chromium.start(chromium!);
          await browser.send("Emulation.setFocusEmulationEnabled", { enabled: true });
          await browser.open(served.address);
          const text = (id: string) =>
            browser.evaluate(`document.getElementById("${id}").textContent`);
          const waitFor = async (expression: string) => {
            for (let tries = 0; tries < 200; tries++) {
              if (await browser.evaluate(expression)) return;
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
            throw new Error(`never: ${expression}; it says ${await text("status")}`);
          };
          await waitFor(
            `document.getElementById("progress").textContent.includes("6 of 6 to read")`,
          );
          assertEquals(await violations(browser), []);

          // A new comment, once; it can be given again by one key.
          await browser.press("n");
          await browser.send("Input.insertText", { text: "Good" });
          await browser.press("Escape", "1", "Enter");
          await waitFor(`document.getElementById("status").textContent === "Saved."`);
          const first = await text("answer");
          await browser.press("1", "a", "Enter");
          await waitFor(
            `document.getElementById("progress").textContent.includes("4 of 6 to read")`,
          );
          assert(first !== await text("answer"));
          await waitFor(`document.getElementById("status").textContent === "Saved."`);

          // The next answer is drawn within the key's own handling: nothing is waited for.
          const milliseconds = await browser.evaluate(`(() => {
            const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key }));
            const before = document.getElementById("answer").textContent;
            const start = performance.now();
            press("0");
            press("Enter");
            if (document.getElementById("answer").textContent === before) return NaN;
            document.getElementById("answer").getBoundingClientRect();
            return performance.now() - start;
          })()`);
          console.log(`the next answer is there after ${milliseconds.toFixed(1)} ms`);
          assert(Number.isFinite(milliseconds), "the next answer was waited for");
          await browser.press("9"); // more than there are
          await waitFor(`document.getElementById("status").classList.contains("problem")`);
          for (let times = 0; times < 3; times++) await browser.press("1", "Enter");
          await waitFor(
            `document.getElementById("progress").textContent.includes("all answers are read")`,
          );
          await waitFor(`document.getElementById("status").textContent === "Saved."`);
          assertEquals(await browser.evaluate("document.title"), "Answers");
          const policy = /Content Security Policy/;
          assertEquals(browser.errors.filter((each) => !policy.test(each)), []);
        },
      });
    } finally {
      await served.shutdown();
    }
    if (findChromium() === undefined) return;

    await test.step("the gradebook has points and comments, for all who wrote the same", async () => {
      const { submissions } = await book.scores(unit);
      const manual = (learner: string, task: string) =>
        submissions.find((each) => each.learner === learner)!.tasks
          .find((each) => each.task === task)!;
      for (const { learner } of learners.slice(0, 3)) {
        const { manual: points, waits } = manual(learner, "answer-block");
        assertEquals([points, waits], [1, false], learner);
      }
      assertEquals(manual("Abel-4", "answer-block").manual, null);
      const given = learners.map(({ learner }) => manual(learner, "answer-training").manual);
      assertEquals(given.sort(), [0, 1, 1, 1]);
      const [block] = await book.answers(unit);
      assertEquals(block.answers.filter(({ comment }) => comment === "Good").length, 3);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
