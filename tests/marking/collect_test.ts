/** Collecting hand-ins: what comes to grading, and what is kept out, with the reason. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ZipWriter } from "@zip.js/zip.js";
import { basename, dirname, join } from "node:path";
import { CommandError, root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { notebooksIn } from "../../tools/notebooks.ts";
import { type Part, writeArchive } from "../../tools/archive.ts";

const grading = await Deno.makeTempDir({ prefix: "tessera-collect-test-" });
addEventListener("unload", () => Deno.removeSync(grading, { recursive: true }));
Deno.env.set("TESSERA_GRADING", join(grading, "grading"));
Deno.test.afterAll(() => Deno.env.delete("TESSERA_GRADING")); // the next file runs in this process
// What they import reads the setting.
const { collect } = await import("../../marking/collect.ts");
const { inspect } = await import("../../marking/collecting/inspect.ts");
const { readClassList } = await import("../../marking/class_list.ts");
const { ArchiveError, withArchive } = await import("../../marking/collecting/open_archive.ts");
const { leadsOut } = await import("../../marking/collecting/paths.ts");
const { checksum } = await import("../../marking/handing_in/manifest.ts");

const [notebook] = notebooksIn(join(exercisesFolder, "unit0"));
const notebookPart: Part = { name: "first_steps.ipynb", content: { file: notebook } };

/** The parts of a hand-in, as `hand-in` makes them. */
async function handIn(owner: string, changes: Record<string, unknown> = {}): Promise<Part[]> {
  const { size } = await Deno.stat(notebook);
  const manifest = {
    ...{ format: 1, unit: "unit0", owner, madeAt: "2026-11-02T10:00:00.000Z", course: "1" },
    ...{ notebooks: ["first_steps.ipynb"], pdf: `${owner}.pdf`, hints: {}, missing: [] },
    files: { "first_steps.ipynb": { sha256: await checksum(notebook), bytes: size } },
    ...changes,
  };
  return [
    notebookPart,
    { name: `${owner}.pdf`, content: "%PDF-1.7" },
    { name: "manifest.json", content: JSON.stringify(manifest) },
  ];
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: grading, prefix: "case-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(join(grading, "grading"), { recursive: true }).catch(() => {});
  }
}

const submitted = (...path: string[]) => join(grading, "grading", "submitted", ...path);

/** What was said of the hand-in at a place that ends so. */
const saidOf = (collected: Awaited<ReturnType<typeof collect>>, place: string) => {
  const found = collected.filter((each) => each.place.endsWith(place));
  assertEquals(
    found.length,
    1,
    `${place} in ${JSON.stringify(collected.map((each) => each.place))}`,
  );
  return found[0];
};

Deno.test("collect takes a platform's archive of archives, folders, and names with accents", async () => {
  await inFolder(async (folder) => {
    const inner = async (name: string, owner = name) => {
      const path = join(folder, "made", `${name}.zip`);
      await writeArchive(path, await handIn(owner));
      return { file: path };
    };
    const moodle = join(folder, "CV-Unit 0-4711.zip");
    await writeArchive(moodle, [
      {
        name: "Emmy Noether_101_assignsubmission_file_/Noether-1234567.zip",
        content: await inner("Noether-1234567"),
      },
      {
        name: "Zoë O’Neill_102_assignsubmission_file_/Mu\u0308ller-O’Neill-42 (1).zip",
        content: await inner("again", "Müller-O'Neill-42"),
      },
      {
        name: "Kurt Gödel_103_assignsubmission_file_/first_steps.ipynb",
        content: { file: notebook },
      },
      { name: "Ada_104_assignsubmission_onlinetext_/onlinetext.html", content: "<p>Hello</p>" },
    ]);
    const loose = join(folder, "loose");
    await Deno.mkdir(join(loose, "Turing-7"), { recursive: true });
    await Deno.copyFile(notebook, join(loose, "Turing-7", "first_steps.ipynb"));
    const collected = await collect([moodle, loose], { unit: "unit0" });
    const learners = [...Deno.readDirSync(submitted())].map(({ name }) => name).sort();
    assertEquals(learners, ["Müller-O'Neill-42", "Noether-1234567", "Turing-7"]);
    assertEquals(
      [...Deno.readDirSync(submitted("Noether-1234567", "unit0"))].map(({ name }) => name).sort(),
      ["Noether-1234567.pdf", "first_steps.ipynb", "manifest.json", "timestamp.txt"],
    );
    const [problem] = saidOf(collected, "103_assignsubmission_file_/").problems;
    assertStringIncludes(problem, "is not SURNAME-NUMBER");
    // A PDF that is missing was made.
    assertStringIncludes(saidOf(collected, "Turing-7").remarks.join(), "PDF was made here");
    const pdf = await Deno.readFile(submitted("Turing-7", "unit0", "Turing-7.pdf"));
    assertEquals(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
  });
});

Deno.test("collect lists what is wrong, and unpacks nothing of it", async () => {
  await inFolder(async (folder) => {
    const make = async (name: string, parts: Part[]) => {
      await writeArchive(join(folder, "in", name), parts);
    };
    await make("Noether-1234567.zip", await handIn("Noether-1234567"));
    await make("Noether.zip", [notebookPart]);
    await make("Euler-11.zip", await handIn("Gauß-12"));
    await make("Kovalevskaya-13.zip", await handIn("Kovalevskaya-13", { unit: "unit1" }));
    await make("Hilbert-14.zip", [{ name: "manifest.json", content: "{" }]);
    await make("Riemann-15.zip", await handIn("Riemann-15"));
    await make("copy of/Riemann-15.zip", await handIn("Riemann-15"));
    await make("Reimann-15.zip", await handIn("Reimann-15"));
    await make("Cantor-16.zip", (await handIn("Cantor-16")).slice(1));
    await make("Gödel-17.zip", [
      ...await handIn("Gödel-17"),
      { name: "deno.json", content: "{}" },
      { name: "helper.ts", content: "" },
      { name: "__MACOSX/._first_steps.ipynb", content: "" },
    ]);
    await Deno.writeTextFile(join(folder, "in", "Abel-18.zip"), "no archive");
    const link = await Deno.open(join(folder, "in", "Galois-19.zip"), {
      write: true,
      create: true,
    });
    const writer = new ZipWriter(link.writable);
    await writer.add("first_steps.ipynb", new Blob(["/etc/passwd"]).stream(), {
      unixMode: 0o120777,
    });
    await writer.close();
    await make("Lie-20.zip", [notebookPart, { name: "../../../evil.ipynb", content: "{}" }]);

    const collected = await collect([join(folder, "in")], { unit: "unit0" });
    const learners = [...Deno.readDirSync(submitted())].map(({ name }) => name).sort();
    assertEquals(learners, ["Gödel-17", "Noether-1234567"]);
    for (
      const [place, reason] of [
        ["/Noether.zip", 'its name is not SURNAME-NUMBER: "Noether"'],
        ["Euler-11.zip", "its name says Euler-11, and its manifest Gauß-12"],
        ["Kovalevskaya-13.zip", "it is of unit1"],
        ["Hilbert-14.zip", "missing: first_steps.ipynb"],
        ["in/Riemann-15.zip", "the same person handed in"],
        ["copy of/Riemann-15.zip", "Reimann-15.zip"],
        ["Cantor-16.zip", "missing, although its manifest names it: first_steps.ipynb"],
        ["Abel-18.zip", "cannot be read as a ZIP archive"],
        ["Galois-19.zip", "it holds a link"],
        ["Lie-20.zip", "a path leads out of its folder"],
      ]
    ) assertStringIncludes(saidOf(collected, place).problems.join("; "), reason);
    assertEquals(saidOf(collected, "Gödel-17.zip").remarks, ["left out: deno.json, helper.ts"]);
    assertEquals(
      [...Deno.readDirSync(submitted("Gödel-17", "unit0"))].some(({ name }) =>
        name === "deno.json"
      ),
      false,
    );
    assertEquals([...Deno.readDirSync(join(grading, "grading"))].map(({ name }) => name), [
      "submitted",
    ]);
  });
});

Deno.test("collect says which notebook is larger than grading reads", async () => {
  const intake = await Deno.readTextFile(join(root, "python", "tessera_grading", "intake.py"));
  const most = Number(/^MOST_BYTES = ([\d_]+)$/m.exec(intake)![1].replaceAll("_", ""));
  const remarksOf = async (bytes: number) => {
    const part = {
      path: "first_steps.ipynb",
      bytes,
      modified: new Date(),
      writeTo: async () => {},
    };
    const found = { place: "Cauchy-21", name: "Cauchy-21", parts: [part] };
    const expected = { unit: "unit0", notebooks: ["first_steps.ipynb"], incomplete: false };
    const { problems, remarks } = await inspect(found, expected);
    assertEquals(problems, []); // another notebook of the unit may be graded
    return remarks.filter((remark) => remark !== "not made by ./tessera hand-in");
  };
  assertEquals(await remarksOf(most), []);
  assertEquals(await remarksOf(most + 1), [
    "will not be graded: first_steps.ipynb has 301 MB, more than 300",
  ]);
});

Deno.test("a group's hand-in comes to each member of the list, and others are told of", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "class.csv");
    await Deno.writeTextFile(
      file,
      "\uFEFFid,first_name,last_name,email,group\nNoether-1,Emmy,Noether,e@example.org,7\n" +
        "Gödel-2,Kurt,Gödel,,7\nEuler-3,Leonhard,Euler,,\nAmber-9,,,,\nBeryl-9,,,,\n",
    );
    const list = readClassList(file)!;
    await writeArchive(join(folder, "in", "group-7.zip"), await handIn("group-7"));
    await writeArchive(join(folder, "in", "group-8.zip"), await handIn("group-8"));
    await writeArchive(join(folder, "in", "Eulre-3.zip"), await handIn("Eulre-3"));
    // Two people, although their pseudonyms have one number.
    for (const each of ["Amber-9", "Beryl-9"]) {
      await writeArchive(join(folder, "in", `${each}.zip`), await handIn(each));
    }
    const collected = await collect([join(folder, "in")], { unit: "unit0", list });
    for (const each of ["Amber-9", "Beryl-9"]) {
      assertEquals(saidOf(collected, `${each}.zip`).problems, []);
    }
    assertEquals(saidOf(collected, "group-7.zip").learners, ["Noether-1", "Gödel-2"]);
    for (const member of ["Noether-1", "Gödel-2"]) {
      await Deno.stat(submitted(member, "unit0", "first_steps.ipynb"));
    }
    assertStringIncludes(
      saidOf(collected, "group-8.zip").problems.join(),
      "nobody of the class list",
    );
    assertStringIncludes(
      saidOf(collected, "Eulre-3.zip").problems.join(),
      'not on the class list. Did you mean "Euler-3"?',
    );
  });
});

Deno.test("a second hand-in replaces the first one only where that is asked for, and keeps it", async () => {
  await inFolder(async (folder) => {
    const archive = join(folder, "Noether-1.zip");
    const file = submitted("Noether-1", "unit0", "Noether-1.pdf");
    const outcome = async (update: boolean) => {
      const [{ outcome }] = await collect([archive], { unit: "unit0", update });
      return outcome;
    };
    await writeArchive(archive, await handIn("Noether-1"));
    assertEquals([await outcome(false), await outcome(false)], ["new", "unchanged"]);
    const [notebook, , manifest] = await handIn("Noether-1");
    const second = [notebook, { name: "Noether-1.pdf", content: "%PDF-1.7 new" }, manifest];
    await writeArchive(archive, second);
    assertEquals(await outcome(false), "there");
    assertEquals(await Deno.readTextFile(file), "%PDF-1.7");
    assertEquals(await outcome(true), "replaced");
    assertEquals(await Deno.readTextFile(file), "%PDF-1.7 new");
    const earlier = join(grading, "grading", "earlier", "unit0", "Noether-1");
    const [{ name }] = [...Deno.readDirSync(earlier)];
    assertEquals(await Deno.readTextFile(join(earlier, name, "Noether-1.pdf")), "%PDF-1.7");
  });
});

Deno.test("withArchive refuses bombs: too many files, too many bytes, sizes that lie", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "bomb.zip");
    await writeArchive(path, [{ name: "zeros", content: "0".repeat(100_000) }]);
    const limits = { entries: 10, bytes: 50_000 };
    await assertRejects(
      () => withArchive(path, () => Promise.resolve(), limits),
      ArchiveError,
      "MB",
    );
    await writeArchive(
      join(folder, "many.zip"),
      Array.from({ length: 11 }, (_, index) => ({ name: `${index}`, content: "" })),
    );
    await assertRejects(
      () => withArchive(join(folder, "many.zip"), () => Promise.resolve(), limits),
      ArchiveError,
      "more than 10 files",
    );
    // Ten bytes, it says in both of its headers; a hundred thousand come.
    const bytes = await Deno.readFile(path);
    const view = new DataView(bytes.buffer);
    for (let place = 0; place + 4 <= bytes.length; place++) {
      if (view.getUint32(place, true) === 100_000) view.setUint32(place, 10, true);
    }
    await Deno.writeFile(path, bytes);
    const copy = join(folder, "copy");
    await assertRejects(
      () => withArchive(path, async ([part]) => await part.writeTo(copy), limits),
      ArchiveError,
    );
    assert((await Deno.stat(copy).catch(() => ({ size: 0 }))).size <= 10);
  });
});

Deno.test("leadsOut knows every way out of a folder", () => {
  for (const path of ["/a", "../a", "a/../../b", "C:\\a", "a\\..\\b", "\\a", "a\0b"]) {
    assert(leadsOut(path), path);
  }
  for (const path of ["a", "a/b", "..a/b", "a..b", "Grüße/ä.pdf"]) assert(!leadsOut(path), path);
});

Deno.test("nobody is passed over in silence: other files than archives and notebooks are told of", async () => {
  await inFolder(async (folder) => {
    const inner = join(folder, "made.zip");
    await writeArchive(inner, await handIn("Noether-1"));
    const moodle = join(folder, "CV-Unit 0.zip");
    const file = (person: string, name: string) => `${person}_assignsubmission_file_/${name}`;
    await writeArchive(moodle, [
      { name: file("Emmy Noether_1", "Noether-1.zip"), content: { file: inner } },
      { name: "Emmy Noether_1_assignsubmission_onlinetext_/onlinetext.html", content: "Hello" },
      { name: file("Leonhard Euler_2", "Euler-2.pdf"), content: "%PDF-1.7" },
      { name: file("Niels Abel_3", "Abel-3.tar.gz"), content: "\x1f\x8b" },
      { name: "Kurt Gödel_4_assignsubmission_onlinetext_/onlinetext.html", content: "My link" },
      { name: file("Ada Lovelace_5", "Lovelace-5/FIRST_STEPS.IPYNB"), content: { file: notebook } },
      { name: "Alan Turing_6_assignsubmission_file_Turing-6.rar", content: "Rar!" },
    ]);
    const said = await collect([moodle], { unit: "unit0" });
    const problems = said.flatMap(({ place, problems }) =>
      problems.map((problem) => `${place.split("› ").at(-1)!.split("_")[0]}: ${problem}`)
    );
    const none = "there is neither a ZIP archive nor a notebook";
    assertEquals(problems.sort(), [
      `Alan Turing: ${none}: Alan Turing_6_assignsubmission_file_Turing-6.rar`,
      `Kurt Gödel: ${none}: onlinetext.html`,
      `Leonhard Euler: ${none}: Euler-2.pdf`,
      `Niels Abel: ${none}: Abel-3.tar.gz`,
    ]);
    const learners = [...Deno.readDirSync(submitted())].map(({ name }) => name).sort();
    assertEquals(learners, ["Lovelace-5", "Noether-1"]);

    // The same in folders, as staff have unpacked it.
    const unpacked = join(folder, "unpacked");
    for (
      const name of ["Euler_2/Euler-2.pdf", "Abel-3.7z", "Noether-1/first_steps.ipynb", "notes.txt"]
    ) {
      const path = join(unpacked, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.copyFile(notebook, path);
    }
    const found = await collect([unpacked], { unit: "unit0" });
    const untaken = found.filter(({ problems }) => problems.some((each) => each.startsWith(none)));
    assertEquals(untaken.map(({ place }) => basename(place)).sort(), ["Abel-3.7z", "Euler_2"]);
  });
});

Deno.test("collect tells of files that were changed since, and takes no older hand-in for a newer", async () => {
  await inFolder(async (folder) => {
    const archive = join(folder, "Noether-1.zip");
    const put = async (day: number, pdf: string) => {
      const madeAt = `2026-11-0${day}T10:00:00.000Z`;
      const [notebook, , manifest] = await handIn("Noether-1", { madeAt });
      await writeArchive(archive, [notebook, { name: "Noether-1.pdf", content: pdf }, manifest]);
    };
    const outcome = async (update: boolean) =>
      (await collect([archive], { unit: "unit0", update }))[0].outcome;
    await put(5, "newer");
    assertEquals(await outcome(false), "new");
    await put(4, "older");
    assertEquals([await outcome(false), await outcome(true)], ["older", "older"]);
    await put(6, "newest");
    assertEquals([await outcome(false), await outcome(true)], ["there", "replaced"]);

    const changed = join(folder, "Euler-2.zip");
    const files = { "first_steps.ipynb": { sha256: "0".repeat(64), bytes: 1 } };
    await writeArchive(changed, await handIn("Euler-2", { files }));
    const [{ remarks }] = await collect([changed], { unit: "unit0" });
    assertEquals(remarks, ["changed after ./tessera hand-in had made it: first_steps.ipynb"]);
  });
});

Deno.test("a class list in another encoding, or with ids that lead elsewhere, is refused in words", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "class.csv");
    for (
      const [bytes, words] of [
        [
          new Uint8Array([...new TextEncoder().encode("id\nM"), 0xfc, 0x6c, 0x2d, 0x31]),
          "not in UTF-8",
        ],
        [new Uint8Array([0xff, 0xfe, 0x69, 0, 0x64, 0, 0x0a, 0]), "not in UTF-8"],
        [new TextEncoder().encode("id\n../../mine-1\n"), "names no folder"],
      ] as const
    ) {
      await Deno.writeFile(file, bytes);
      assertThrows(() => readClassList(file), CommandError, words);
    }
  });
});
