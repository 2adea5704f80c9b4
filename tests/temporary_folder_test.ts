/** Folders for what is thrown away go with their program, or with the next that makes such. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { root } from "../tools/command.ts";
import { withTemporaryFolder } from "../tools/temporary_folder.ts";

const held = `
const { withTemporaryFolder } = await import("${root}/tools/temporary_folder.ts");
await withTemporaryFolder("trial", async (folder) => {
  Deno.mkdirSync(folder + "/deep");
  Deno.writeTextFileSync(folder + "/deep/file", "");
  console.log(folder);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});`;

const heldByPython = `
import pathlib, signal, sys, time
sys.path.insert(0, "${root}/python")
from tessera_kernel.temporary import temporary_folder
with temporary_folder("trial") as folder:
    (folder / "file").write_text("")
    print(folder, flush=True)
    if sys.argv[1:] != ["over"]:
        time.sleep(600)`;

const programs: Record<string, string[]> = {
  "a command": [Deno.execPath(), "eval", "--no-config", "--no-check", held],
  "a program in Python": [join(root, ".venv", "bin", "python"), "-c", heldByPython],
};

/** Starts a program that holds a folder below `place`; its process and the folder. */
async function startHolding([program, ...args]: string[], place: string) {
  const child = new Deno.Command(program, {
    ...{ args, env: { TMPDIR: place }, stdout: "piped", stderr: "inherit" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("\n")) printed += (await reader.read()).value;
  const end = async (signal: Deno.Signal) => {
    child.kill(signal);
    await reader.cancel();
    return (await child.status).code;
  };
  return { folder: printed.trim(), end };
}

async function inPlace(use: (place: string) => Promise<void>): Promise<void> {
  const place = await Deno.realPath(await Deno.makeTempDir({ prefix: "left over test " }));
  try {
    await use(place);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

const namesIn = (place: string) => [...Deno.readDirSync(place)].map(({ name }) => name);

Deno.test("a temporary folder is gone after its use, and after an error in it", async () => {
  await inPlace(async (inside) => {
    const result = await withTemporaryFolder("trial", async (folder) => {
      await Deno.writeTextFile(join(folder, "file"), "");
      return basename(folder);
    }, { inside });
    assert(/^tessera-trial-.*\.temporary$/.test(result), result);
    const fail = () => Promise.reject(new Error("for a test"));
    await assertRejects(() => withTemporaryFolder("trial", fail, { inside }), Error, "for a test");
    assertEquals(namesIn(inside), []);
  });
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`a command that ends by ${signal} leaves no temporary folder`, async () => {
    await inPlace(async (place) => {
      const { folder, end } = await startHolding(programs["a command"], place);
      assert(exists(folder));
      assertEquals(await end(signal), code);
      assertEquals(namesIn(place), []);
    });
  });
}

for (const [who, program] of Object.entries(programs)) {
  Deno.test(`what ${who} left that was killed goes at the next use, what is in use stays`, async () => {
    await inPlace(async (place) => {
      const killed = await startHolding(program, place);
      const alive = await startHolding(program, place);
      await killed.end("SIGKILL");
      assert(exists(killed.folder));
      if (who === "a command") {
        await withTemporaryFolder("trial", async () => {}, { inside: place });
      } else {
        const [python, ...args] = program;
        await new Deno.Command(python, { args: [...args, "over"], env: { TMPDIR: place } })
          .output();
      }
      assertEquals(namesIn(place), [basename(alive.folder)]);
      assert(exists(join(alive.folder)));
      await alive.end("SIGKILL");
    });
  });
}

Deno.test("a PDF that is being set and is ended by SIGTERM leaves nothing", async () => {
  await inPlace(async (place) => {
    const notebook = join(place, "a.ipynb");
    const [temporary, pandoc] = [join(place, "temporary"), join(place, "pandoc")];
    await Deno.writeTextFile(notebook, JSON.stringify({ cells: [], metadata: {}, nbformat: 4 }));
    await Deno.mkdir(temporary);
    // In place of the one that makes the document: it comes to no end.
    const endless =
      '[ "$1" = --version ] && echo "pandoc 99.0" && exit; touch begun; exec sleep 600';
    await Deno.writeTextFile(pandoc, `#!/bin/sh\n${endless}\n`, { mode: 0o755 });
    const child = new Deno.Command(join(root, ".venv", "bin", "python"), {
      args: ["-m", "tessera_export", notebook, join(place, "a.pdf"), place],
      env: { TMPDIR: temporary, PYTHONPATH: join(root, "python"), PYPANDOC_PANDOC: pandoc },
      stderr: "null",
    }).spawn();
    let isOver = false;
    const status = child.status.finally(() => isOver = true);
    const hasBegun = () =>
      namesIn(temporary).some((name) => exists(join(temporary, name, "begun")));
    while (!isOver && !hasBegun()) await new Promise((resolve) => setTimeout(resolve, 20));
    assert(!isOver);
    child.kill("SIGTERM");
    assertEquals((await status).code, 143);
    assertEquals(namesIn(temporary), []);
  });
});

Deno.test("many temporary folders at once do not take one another for a killed program's", async () => {
  await inPlace(async (inside) => {
    const useOne = () =>
      withTemporaryFolder("trial", async (folder) => {
        await Deno.writeTextFile(join(folder, "file"), "");
      }, { inside });
    // Each makes its next one while the others look for left ones.
    const useSome = async () => {
      for (let count = 0; count < 20; count++) await useOne();
    };
    await Promise.all(Array.from({ length: 10 }, useSome));
    assertEquals(namesIn(inside), []);
  });
});
