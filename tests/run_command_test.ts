/** `./tessera run`, however it ends and whatever it is given. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { type Cell, type Notebook } from "../tools/notebooks.ts";
import { otherLanguage, problemOf } from "../tools/notebook_format.ts";
import { hasSmallDisks, onSmallDisk } from "./faults/small_disk.ts";
import { inTerminal } from "./terminal.ts";

function notebookOf(...sources: string[]): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    cells: sources.map((source, index): Cell => ({
      ...{ cell_type: "code", id: `cell-${index}`, source, metadata: {} },
      ...{ outputs: [], execution_count: null },
    })),
  };
}

/** Runs `use` with a home, a folder of its own with one notebook of these cells. */
async function inHome(
  sources: string[],
  use: (home: string, notebook: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "run command test " });
  try {
    const importMap = `file://${root}/import_map.json`;
    await Deno.writeTextFile(join(home, "deno.json"), JSON.stringify({ importMap, lock: false }));
    const notebook = join(home, "mine.ipynb");
    await Deno.writeTextFile(notebook, JSON.stringify(notebookOf(...sources)));
    await use(home, notebook);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const command = (args: string[]) => [
  ...[Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
  ...[`--config=${root}/deno.json`, join(root, "tools", "run.ts"), ...args],
];

const environment = (home: string) => ({ TESSERA_HOME: home, TESSERA_CALLER: home, NO_COLOR: "1" });

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`run saves the training and writes the executed copy at ${signal}`, async () => {
    const training = `
      const { watchForInterruption } = await import("${root}/lib/training/interruption.ts");
      const watch = watchForInterruption();
      Deno.writeTextFileSync("begun", "");
      while (!watch.stopRequested) await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, 1500)); // the step that runs
      Deno.writeTextFileSync("saved", "");
      watch.end();`;
    await inHome(
      ['console.log("what ran")', training, 'console.log("never")'],
      async (home, notebook) => {
        const [program, ...args] = command([notebook]);
        const child = new Deno.Command(program, {
          ...{ args, cwd: home, env: environment(home), stdout: "null", stderr: "piped" },
        }).spawn();
        const isThere = (name: string) => Deno.stat(join(home, name)).then(() => true, () => false);
        while (!await isThere("begun")) await new Promise((resolve) => setTimeout(resolve, 50));
        child.kill(signal);
        const [status, said] = await Promise.all([child.status, child.stderr.text()]);
        assertEquals(status.code, code, said);
        assertMatch(said, /stopped after 0:\d\d; what ran until then is in out\/mine\.ipynb/);
        assert(await isThere("saved"), said);
        const copy = await Deno.readTextFile(join(home, "out", "mine.ipynb"));
        assertStringIncludes(copy, '"what ran\\n"');
        assert(!copy.includes('"never\\n"'));
      },
    );
  });
}

Deno.test("one Ctrl-C in a terminal has run save the training and write the executed copy", async () => {
  const training = `
    const { watchForInterruption } = await import("${root}/lib/training/interruption.ts");
    const watch = watchForInterruption();
    console.log("begun");
    while (!watch.stopRequested) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 1500)); // the step that runs
    console.log("saved");
    watch.end();`;
  await inHome([training, 'console.log("never")'], async (home, notebook) => {
    const { code, printed } = await inTerminal(command([notebook]), [["begun", "\x03"]], {
      ...{ cwd: home, env: environment(home) },
    });
    assertEquals(code, 130, printed);
    assertMatch(printed, /stopped after 0:\d\d; what ran until then is in out\/mine\.ipynb/);
    const copy = await Deno.readTextFile(join(home, "out", "mine.ipynb"));
    assertStringIncludes(copy, '"saved\\n"');
    assert(!copy.includes('"never\\n"'));
  });
});

Deno.test("run passes a batch system's warning on: the training saves, what ran is written, all goes on", async () => {
  const training = `
    const { watchForInterruption } = await import("${root}/lib/training/interruption.ts");
    const watch = watchForInterruption();
    Deno.writeTextFileSync("begun", "");
    while (!watch.takeWarning()) await new Promise((resolve) => setTimeout(resolve, 10));
    console.log("stop asked:", watch.stopRequested);
    watch.end();`;
  await inHome([training, 'console.log("after it")'], async (home, notebook) => {
    const [program, ...args] = command([notebook]);
    const child = new Deno.Command(program, {
      ...{ args, cwd: home, env: environment(home), stdout: "null", stderr: "piped" },
    }).spawn();
    const isThere = (name: string) => Deno.stat(join(home, name)).then(() => true, () => false);
    while (!await isThere("begun")) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGUSR1");
    const [{ code }, said] = await Promise.all([child.status, child.stderr.text()]);
    assertEquals(code, 0, said);
    const copy = await Deno.readTextFile(join(home, "out", "mine.ipynb"));
    assertStringIncludes(copy, '"stop asked: false\\n"');
    assertStringIncludes(copy, '"after it\\n"');
  });
});

Deno.test("run writes what ran though it, and what it has started, are killed", async () => {
  const cells = [
    'console.log("what ran")',
    'Deno.writeTextFileSync("begun", ""); await new Promise(() => setTimeout(() => {}, 1e6));',
  ];
  await inHome(cells, async (home, notebook) => {
    const [program, ...args] = command([notebook]);
    const child = new Deno.Command(program, {
      ...{ args, cwd: home, env: environment(home), stdout: "null", stderr: "null" },
    }).spawn();
    const copy = () => Deno.readTextFile(join(home, "out", "mine.ipynb")).catch(() => "");
    while (!(await copy()).includes('"what ran\\n"')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGKILL");
    await child.status;
    const kernels = async () => {
      const { stdout } = await new Deno.Command("pgrep", { args: ["-f", notebook] }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    while (await kernels() !== "") await new Promise((resolve) => setTimeout(resolve, 200));
    assertStringIncludes(await copy(), '"what ran\\n"');
    assertEquals([...Deno.readDirSync(join(home, "out"))].map(({ name }) => name), ["mine.ipynb"]);
  });
});

Deno.test({
  name:
    "run says that the executed copy is not what ran where the disk is full, and keeps the old one",
  ignore: !await hasSmallDisks(),
  async fn() {
    const big = 'console.log("0123456789".repeat(40_000))';
    await inHome([big], async (home, notebook) => {
      // The old copy lies on the small disk too: it is put there within.
      const before = "a copy of before";
      const folder = join(home, "out");
      await Deno.mkdir(folder);
      const { command: program, args } = onSmallDisk({ folder, kilobytes: 100 }, [
        ...[
          "sh",
          "-c",
          'echo "$0" > out/mine.ipynb; "$@"; code=$?; cat out/mine.ipynb; ls out; exit $code',
        ],
        before,
        ...command([notebook]),
      ]);
      const { code, stdout, stderr } = await new Deno.Command(program, {
        ...{ args, cwd: home, env: environment(home) },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 1, said);
      assertMatch(
        said,
        /ran in 0:\d\d, but .*out\/mine\.ipynb was not written: the disk is full \(\d+\.\d [kM]B are needed\)/,
      );
      const there = new TextDecoder().decode(stdout);
      assertStringIncludes(there, before);
      assert(!there.includes("partial"), there);
    });
  },
});

// ---- Malformed notebooks ----------------------------------------------------------------------------

const whole = JSON.stringify(notebookOf('console.log("fine")'));

/** Files that are no notebooks, or broken ones: how each differs from a whole one. */
function malformed(): Map<string, string | Uint8Array<ArrayBuffer>> {
  const files = new Map<string, string | Uint8Array<ArrayBuffer>>([
    ["Latin-1", Uint8Array.from(whole.replace("fine", "é"), (letter) => letter.charCodeAt(0))],
    ["empty", ""],
    ["blank", " \n"],
    ["no JSON", "print('hello')"],
    ["cut short", whole.slice(0, whole.length / 2)],
    ["HTML", "<!DOCTYPE html><html></html>"],
    ["two in one", whole + whole],
    ["binary", "\u0000\u0001\ufffd"],
    ["conflict", `<<<<<<< HEAD\n${whole}\n=======\n${whole}\n>>>>>>> theirs\n`],
    ["single quotes", whole.replaceAll('"', "'")],
    ["comma", whole.replace("}]", "},]")],
    ["comment", `// mine\n${whole}`],
    ...["null", "[]", "1", "true", '"text"', "{}"].map((text) => [`is ${text}`, text] as const),
  ]);
  const spoil = (
    name: string,
    change: (notebook: Record<string, unknown>, cell: Record<string, unknown>) => void,
  ) => {
    const notebook = JSON.parse(whole);
    change(notebook, notebook.cells[0]);
    files.set(name, JSON.stringify(notebook));
  };
  for (const format of [3, 2, 5, 0, "4", null, undefined]) {
    spoil(`format ${format} (${typeof format})`, (notebook) => notebook.nbformat = format);
  }
  for (const cells of [null, undefined, {}, "cells", 1]) {
    spoil(`cells ${JSON.stringify(cells)}`, (notebook) => notebook.cells = cells);
  }
  for (const cell of [null, 1, "cell", []]) {
    spoil(`cell ${JSON.stringify(cell)}`, (notebook) => notebook.cells = [cell]);
  }
  for (const metadata of [[], "text", 1, null]) {
    spoil(`metadata ${JSON.stringify(metadata)}`, (notebook) => notebook.metadata = metadata);
    spoil(`cell's metadata ${JSON.stringify(metadata)}`, (_, cell) => cell.metadata = metadata);
  }
  for (const type of ["heading", undefined, 1]) {
    spoil(`type ${type}`, (_, cell) => cell.cell_type = type);
  }
  for (const source of [undefined, null, 1, {}, [1], [null]]) {
    spoil(`source ${JSON.stringify(source)}`, (_, cell) => cell.source = source);
  }
  for (const outputs of [null, {}, "text", [1], [null], [{}], [{ output_type: "pyout" }]]) {
    spoil(`outputs ${JSON.stringify(outputs)}`, (_, cell) => cell.outputs = outputs);
  }
  spoil("stream", (_, cell) => cell.outputs = [{ output_type: "stream", name: "stdout" }]);
  spoil("data", (_, cell) => cell.outputs = [{ output_type: "display_data", metadata: {} }]);
  for (const mime of ["image/png", "text/plain"]) {
    const shown = { output_type: "display_data", metadata: {}, data: { [mime]: 5 } };
    spoil(mime, (_, cell) => cell.outputs = [shown]);
  }
  spoil("half of a character", (_, cell) => cell.source = ["1;\n", '"\ud83d"']);
  spoil("error", (_, cell) => cell.outputs = [{ output_type: "error", ename: "a", evalue: "b" }]);
  spoil("count", (_, cell) => cell.execution_count = "three");
  spoil("attachments", (_, cell) => cell.attachments = []);
  const python = { name: "python3", display_name: "Python 3", language: "python" };
  spoil("Python", (notebook) => notebook.metadata = { kernelspec: python });
  spoil("Python's", (notebook) => notebook.metadata = { language_info: { name: "python" } });
  spoil("R", (notebook) => notebook.metadata = { kernelspec: { name: "ir", display_name: "R" } });
  return files;
}

Deno.test("run, pdf and check say in one line what is wrong with a malformed notebook", async () => {
  const files = malformed();
  assert(files.size >= 60, `${files.size}`);
  await inHome([], async (home, notebook) => {
    await Deno.remove(notebook);
    await Deno.mkdir(join(home, "bad"));
    let count = 0;
    for (const content of files.values()) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(home, "bad", `bad-${++count}.ipynb`), bytes);
    }
    const [program, ...args] = command(["bad"]);
    const { code, stderr } = await new Deno.Command(program, {
      ...{ args, cwd: home, env: environment(home) },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 1, said);
    const lines = said.trim().split("\n");
    assertEquals(lines.length, 2 * files.size + 1, said);
    assertStringIncludes(lines.at(-1)!, `0 of ${files.size} notebooks ran through.`);
    const complaints = lines.filter((line) => line.startsWith("tessera: "));
    assertEquals(complaints.length, files.size, said);
    const about =
      /bad-\d+\.ipynb (cannot be read as a notebook: |holds no notebook|is a notebook (of format|in )|has no list|has metadata|is damaged in cell 1: )/;
    for (const line of complaints) assertMatch(line, about);
  });
});

Deno.test("a notebook of this course is whole, one without a kernel's name too", () => {
  const notebook = notebookOf("1");
  assertEquals([problemOf(notebook), otherLanguage(notebook.metadata)], [undefined, undefined]);
  assertEquals([problemOf({ ...notebook, metadata: undefined }), otherLanguage({})], [
    undefined,
    undefined,
  ]);
});

Deno.test("run has a notebook that names no kernel run in Deno, after a byte order mark too", async () => {
  await inHome([], async (home, notebook) => {
    const bare = { ...notebookOf("console.log(Deno.version.deno)"), metadata: {} };
    await Deno.writeTextFile(notebook, "\ufeff" + JSON.stringify(bare));
    const [program, ...args] = command([notebook]);
    const { code, stderr } = await new Deno.Command(program, {
      ...{ args, cwd: home, env: environment(home) },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertStringIncludes(
      await Deno.readTextFile(join(home, "out", "mine.ipynb")),
      Deno.version.deno,
    );
  });
});
