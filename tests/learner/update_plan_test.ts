import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { root } from "../../tools/command.ts";
import { isDatedCopy } from "../../tools/learner/dated_copy.ts";
import {
  filesIn,
  oldWorkFolder,
  recordHandedOut,
  unitsToUpdate,
} from "../../tools/learner/pattern.ts";
import { snapshotsOf } from "../../tools/learner/snapshots.ts";
import {
  applyUpdate,
  type FileUpdate,
  type PlanOptions,
  planUpdate,
} from "../../tools/learner/update_plan.ts";
import { type Notebook, notebooksIn, notebookText, readNotebook } from "../../tools/notebooks.ts";
import { textOf } from "../../tools/notebooks.ts";
import { Editor, numbersFrom } from "./edits.ts";

const exercises = join(root, "notebooks", "exercises");
const now = new Date(2026, 10, 26, 14, 5);

interface Folders {
  home: string;
  pattern: string;
}

/** A home with files that were handed out, and the pattern that they came from. */
async function inHome(
  files: Record<string, string | Uint8Array<ArrayBuffer>>,
  body: (folders: Folders) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-update-test-" });
  try {
    const [home, pattern] = [join(folder, "my home"), join(folder, "pattern")];
    await Deno.mkdir(home);
    for (const place of [home, pattern]) await write(place, files);
    await recordHandedOut(home, pattern, Object.keys(files));
    await body({ home, pattern });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(
  place: string,
  files: Record<string, string | Uint8Array<ArrayBuffer> | undefined>,
): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    const path = join(place, file);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (content === undefined) await Deno.remove(path);
    else if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
}

/** Makes an update and returns what it did to each file, but for those that it left. */
async function update(options: PlanOptions): Promise<Record<string, FileUpdate["what"]>> {
  const plans = await planUpdate(options);
  for (const plan of plans) await applyUpdate(options.home, plan, now);
  return outcomes(plans);
}

const outcomes = (plans: FileUpdate[]) =>
  Object.fromEntries(
    plans.filter(({ what }) => what !== "same").map(({ file, what }) => [file, what]),
  );

/** All files of a folder with their texts; what Tessera notes down is hidden, and not among them. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files = filesIn(folder);
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(join(folder, file))));
  return Object.fromEntries(files.map((file, index) => [file, texts[index]]));
}

const notebookOf = (...texts: string[]): string =>
  notebookText({
    cells: texts.map((source, index) => ({
      ...{ cell_type: "markdown", id: `cell-${index}`, source, metadata: {} },
    })),
    ...{ metadata: {}, nbformat: 4, nbformat_minor: 5 },
  });

Deno.test("update brings what is new, replaces what nobody changed, and keeps an old version beside", async () => {
  const files = {
    "unit1/a.ipynb": notebookOf("one", "two"),
    "unit1/b.ipynb": notebookOf("one"),
    "unit1/helper.ts": "const a = 1;\n\nconst b = 2;\n",
    "unit1/still.ts": "export {};\n",
  };
  await inHome(files, async ({ home, pattern }) => {
    await write(home, {
      "unit1/a.ipynb": notebookOf("one", "two, and mine"),
      "unit1/helper.ts": "const a = 10;\n\nconst b = 2;\n",
      "unit1/notes.md": "my notes",
    });
    await write(pattern, {
      "unit1/a.ipynb": notebookOf("ONE", "two"),
      "unit1/b.ipynb": notebookOf("ONE"),
      "unit1/helper.ts": "const a = 1;\n\nconst b = 20;\n",
      "unit2/new.ipynb": notebookOf("new"),
    });
    assertEquals(await unitsToUpdate(home, pattern), ["unit1", "unit2"]);

    const before = await contents(home);
    const planned = outcomes(await planUpdate({ home, pattern }));
    assertEquals(await contents(home), before, "a plan writes nothing");
    const expected = {
      ...{ "unit1/a.ipynb": "merged", "unit1/b.ipynb": "replaced" },
      ...{ "unit1/helper.ts": "merged", "unit2/new.ipynb": "added" },
    } as const;
    assertEquals(planned, expected);

    assertEquals(await update({ home, pattern }), expected);
    assertEquals(await contents(home), {
      "unit1/a.2026-11-26.ipynb": before["unit1/a.ipynb"],
      "unit1/a.ipynb": notebookOf("ONE", "two, and mine"),
      "unit1/b.ipynb": notebookOf("ONE"),
      "unit1/helper.2026-11-26.ts": before["unit1/helper.ts"],
      "unit1/helper.ts": "const a = 10;\n\nconst b = 20;\n",
      "unit1/notes.md": "my notes",
      "unit1/still.ts": "export {};\n",
      "unit2/new.ipynb": notebookOf("new"),
    });
    assertEquals(snapshotsOf(home, "unit1/a.ipynb").map(({ reason }) => reason), ["update"]);

    const after = await contents(home);
    assertEquals(await update({ home, pattern }), {}, "twice is once");
    assertEquals(await contents(home), after);
    assertEquals(await unitsToUpdate(home, pattern), []);

    // The next one of the same day does not take the name of the first.
    await write(pattern, { "unit1/a.ipynb": notebookOf("ONE!", "two") });
    await update({ home, pattern });
    assertEquals(
      await Deno.readTextFile(join(home, "unit1/a.2026-11-26-2.ipynb")),
      after["unit1/a.ipynb"],
    );
    assertEquals(
      await Deno.readTextFile(join(home, "unit1/a.2026-11-26.ipynb")),
      before["unit1/a.ipynb"],
    );
  });
});

Deno.test("update leaves what the learner removed, what the course withdrew, and what cannot be read", async () => {
  const files = {
    "unit1/removed.ipynb": notebookOf("one"),
    "unit1/withdrawn.ipynb": notebookOf("one"),
    "unit1/damaged.ipynb": notebookOf("one"),
    "unit1/open.ipynb": notebookOf("one"),
    "unit1/folder.ipynb": notebookOf("one"),
  };
  await inHome(files, async ({ home, pattern }) => {
    await Deno.remove(join(home, "unit1", "folder.ipynb"));
    await write(home, {
      "unit1/folder.ipynb/mine.md": "a folder in a file's place",
      "unit1/removed.ipynb": undefined,
      "unit1/withdrawn.ipynb": notebookOf("mine"),
      "unit1/damaged.ipynb": "<<<<<<< HEAD\n{",
    });
    const course = Object.fromEntries(Object.keys(files).map((file) => [file, notebookOf("ONE")]));
    await write(pattern, { ...course, "unit1/withdrawn.ipynb": undefined });
    const before = await contents(home);
    const open = new Set(["unit1/open.ipynb"]);
    assertEquals(await update({ home, pattern, open }), {
      "unit1/damaged.ipynb": "damaged",
      "unit1/folder.ipynb": "damaged",
      "unit1/open.ipynb": "open",
      "unit1/removed.ipynb": "missing",
      "unit1/withdrawn.ipynb": "withdrawn",
    });
    assertEquals(await contents(home), before);
    assertEquals(await unitsToUpdate(home, pattern), ["unit1"]);
    // What is missing is said once; what was not done is to be had later; a file that is named comes back.
    assertEquals(
      await update({ home, pattern, files: ["unit1/removed.ipynb", "unit1/open.ipynb"] }),
      { "unit1/removed.ipynb": "added", "unit1/open.ipynb": "replaced" },
    );
  });
});

Deno.test("update of a home that nothing is known about takes the course's, and lists and keeps the old", async () => {
  await inHome({}, async ({ home, pattern }) => {
    const picture = new Uint8Array([0xff, 0xd8, 1]);
    await write(home, {
      ...{ "a.ipynb": notebookOf("mine", "two"), "a.ts": "mine\n", "a.jpg": picture },
    });
    await write(pattern, {
      ...{ "a.ipynb": notebookOf("one", "two"), "a.ts": "one\n", "a.jpg": new Uint8Array([0xff]) },
    });
    const plans = await planUpdate({ home, pattern });
    assertEquals(
      plans.map(({ notices }) => notices.map(({ what }) => what)),
      [["unclear"], ["unclear"], ["unclear"]],
    );
    await update({ home, pattern });
    assertEquals(await Deno.readTextFile(join(home, "a.ts")), "one\n");
    assertEquals(await Deno.readTextFile(join(home, "a.2026-11-26.ts")), "mine\n");
    assertEquals(await Deno.readFile(join(home, "a.2026-11-26.jpg")), picture);
    assertEquals(
      await Deno.readTextFile(join(home, "a.2026-11-26.ipynb")),
      notebookOf("mine", "two"),
    );
  });
});

Deno.test("update keeps a notebook without a copy where it was opened only, and says a conflict once", async () => {
  await inHome({ "a.ipynb": notebookOf("one", "two") }, async ({ home, pattern }) => {
    const opened: Notebook = JSON.parse(notebookOf("one", "two"));
    opened.metadata.language_info = { name: "typescript", version: "5" };
    await write(home, { "a.ipynb": JSON.stringify(opened) });
    await write(pattern, { "a.ipynb": notebookOf("ONE", "two") });
    assertEquals(await update({ home, pattern }), { "a.ipynb": "replaced" });
    assertEquals(filesIn(home), ["a.ipynb"]);

    await write(home, { "a.ipynb": notebookOf("ONE", "mine") });
    await write(pattern, { "a.ipynb": notebookOf("ONE", "TWO") });
    const [plan] = await planUpdate({ home, pattern });
    assertEquals([plan.what, plan.notices.map(({ what }) => what)], ["kept", ["conflict"]]);
    await applyUpdate(home, plan, now);
    assertEquals(await contents(home), { "a.ipynb": notebookOf("ONE", "mine") });
    assertEquals(await update({ home, pattern }), {});
  });
});

Deno.test("update does nothing to a file that was saved since it looked", async () => {
  await inHome({ "a.ipynb": notebookOf("one", "two") }, async ({ home, pattern }) => {
    await write(home, { "a.ipynb": notebookOf("one", "mine") });
    await write(pattern, { "a.ipynb": notebookOf("ONE", "two") });
    const [plan] = await planUpdate({ home, pattern });
    await write(home, { "a.ipynb": notebookOf("one", "mine, and more") });
    assertEquals(await applyUpdate(home, plan, now), { changedMeanwhile: true });
    assertEquals(
      await Deno.readTextFile(join(home, "a.ipynb")),
      notebookOf("one", "mine, and more"),
    );
    assertEquals(await update({ home, pattern }), { "a.ipynb": "merged" });
  });
});

Deno.test("an update that breaks off after any write is carried on by the next, and loses nothing", async () => {
  const base = notebookOf("one", "two", "three");
  const mine = notebookOf("one", "two, mine", "three, mine");
  const course = notebookOf("ONE", "two", "THREE");
  const files = { "u/a.ipynb": base, "u/b.ts": "a\n\nb\n" };
  const own = { "u/a.ipynb": mine, "u/b.ts": "a\n\nmine\n" };
  const mended = { "u/a.ipynb": course, "u/b.ts": "A\n\nb\n", "u/c.ts": "new\n" };
  const calls = ["rename", "link", "open", "utime", "mkdir", "remove"] as const;
  let steps = 0;
  for (let last = 0; last <= steps; last++) {
    await inHome(files, async ({ home, pattern }) => {
      await write(home, own);
      await write(pattern, mended);
      const whole = Object.fromEntries(calls.map((call) => [call, Deno[call]]));
      let count = 0;
      const broken = (call: string) => (...args: unknown[]) => {
        if (last > 0 && ++count >= last) return Promise.reject(new Error("the power is gone"));
        if (last === 0) steps++;
        // deno-lint-ignore no-explicit-any
        return (whole[call] as any)(...args);
      };
      for (const call of calls) Object.assign(Deno, { [call]: broken(call) });
      try {
        await update({ home, pattern });
      } catch (error) {
        assert(last > 0, String(error));
      } finally {
        Object.assign(Deno, whole);
      }
      const between = await contents(home);
      for (const [file, text] of Object.entries(own)) {
        const versions = Object.keys(between)
          .filter((name) => name.startsWith(file.replace(/\..*/, ".")));
        assert(versions.some((name) => between[name] === text), `${last}: ${file} is kept`);
        for (const name of versions) if (name.endsWith(".ipynb")) JSON.parse(between[name]);
      }
      await update({ home, pattern });
      const after = await contents(home);
      assertEquals(after["u/a.ipynb"], notebookOf("ONE", "two, mine", "three, mine"));
      assertEquals(after["u/b.ts"], "A\n\nmine\n");
      assertEquals(after["u/c.ts"], "new\n");
      for (const [file, text] of Object.entries(own)) {
        const copies = Object.keys(after).filter((name) =>
          isDatedCopy(name) && after[name] === text
        );
        assertEquals(
          copies.length,
          1,
          `${last}: ${file} stands beside, once: ${Object.keys(after)}`,
        );
      }
      assertEquals(await update({ home, pattern }), {});
    });
  }
  assert(steps > 15, `${steps} writes`);
});

Deno.test("in a term of random mends and work nothing that a learner wrote goes away", async () => {
  const names = notebooksIn(exercises);
  for (let seed = 0; seed < 12; seed++) {
    const below = numbersFrom(seed);
    const handedOut = await readNotebook(names[seed % names.length]);
    await inHome({ "u/a.ipynb": notebookText(handedOut) }, async ({ home, pattern }) => {
      let course = handedOut;
      for (let week = 0; week < 4; week++) {
        const path = join(home, "u/a.ipynb");
        const learner = new Editor(await readNotebook(path), `learner${week}-`, below);
        await Deno.writeTextFile(path, notebookText(learner.learn()));
        const written = learnersLines(await contents(home));
        course = new Editor(course, `author${week}-`, below).mend();
        await write(pattern, { "u/a.ipynb": notebookText(course) });
        await update({ home, pattern });
        const after = new Set(learnersLines(await contents(home)));
        assertEquals(written.filter((line) => !after.has(line)), [], `seed ${seed}, week ${week}`);
      }
    });
  }
});

/** The lines that learners wrote, in all notebooks of a home. */
const learnersLines = (texts: Record<string, string>) =>
  Object.values(texts).flatMap((text) => (JSON.parse(text) as Notebook).cells)
    .flatMap((cell) => textOf(cell).split("\n")).filter((line) => line.startsWith("learner"));

Deno.test("update takes a learner's old work in the pattern's place for no course", async () => {
  await inHome({ "a.ipynb": notebookOf("one", "two") }, async ({ home, pattern }) => {
    const old = notebookOf("one", "mine");
    await write(pattern, { "a.ipynb": old });
    await write(home, { "a.ipynb": notebookOf("one", "mine, and more") });
    await write(oldWorkFolder(home), { "a.ipynb": old });
    assertEquals(await unitsToUpdate(home, pattern), []);
    assertEquals(await update({ home, pattern }), {});
    // Put right there, and mended since.
    await write(pattern, { "a.ipynb": notebookOf("ONE", "two") });
    assertEquals(await update({ home, pattern }), { "a.ipynb": "merged" });
    assertEquals(
      await Deno.readTextFile(join(home, "a.ipynb")),
      notebookOf("ONE", "mine, and more"),
    );
  });
});
