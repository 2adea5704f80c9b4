import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  FileError,
  writeFileAtomically,
  writeTextAtomically,
  writeTextAtomicallySync,
} from "../../lib/platform/files.ts";
import { neededRoom } from "../../lib/platform/sizes.ts";
import { program } from "../../tools/command.ts";
import { hasSmallDisks, onSmallDisk } from "../faults/small_disk.ts";
import { hasQuotas, withUsedQuota } from "../faults/used_quota.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("writeTextAtomically removes what killed writers have left, and nothing that one still writes", async () => {
  await inFolder(async (folder) => {
    const left = `a.txt.${crypto.randomUUID()}.partial`;
    const old = "a.txt.4711.partial";
    const living = `b.txt.${crypto.randomUUID()}.partial`;
    for (const name of [left, old, "mine.partial"]) Deno.writeTextFileSync(`${folder}/${name}`, "");
    using file = await Deno.open(`${folder}/${living}`, { write: true, create: true });
    await file.lock(true);
    await writeTextAtomically(`${folder}/a.txt`, "whole");
    assertEquals(namesIn(folder), ["a.txt", living, "mine.partial"].sort());
  });
});

Deno.test("many writers of one file leave one of their texts whole, and nothing beside it", async () => {
  await inFolder(async (folder) => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(50_000));
    await Promise.all(texts.map((text) => writeTextAtomically(`${folder}/a.txt`, text)));
    assertEquals(texts.includes(await Deno.readTextFile(`${folder}/a.txt`)), true);
    assertEquals(namesIn(folder), ["a.txt"]);
  });
});

Deno.test("writeTextAtomically writes through a link and keeps a file's mode", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/elsewhere`);
    await Deno.writeTextFile(`${folder}/elsewhere/a.txt`, "old", { mode: 0o600 });
    await Deno.symlink("elsewhere/a.txt", `${folder}/link.txt`);
    await writeTextAtomically(`${folder}/link.txt`, "new");
    assertEquals(await Deno.readTextFile(`${folder}/elsewhere/a.txt`), "new");
    const { mode } = await Deno.stat(`${folder}/elsewhere/a.txt`);
    assertEquals([mode! & 0o777, namesIn(folder)], [0o600, ["elsewhere", "link.txt"]]);
  });
});

Deno.test("writers name a file that cannot be, and leave what is there", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "a file");
    const inside = `${folder}/file/a.txt`;
    await assertRejects(
      () => writeFileAtomically(inside, []),
      FileError,
      `${inside} was not written`,
    );
    assertEquals(await Deno.readTextFile(`${folder}/file`), "a file");
  });
});

Deno.test({
  name:
    "writers keep the old file on a full disk, say how much is missing, and leave nothing beside",
  ignore: !await hasSmallDisks(),
  async fn() {
    await inFolder(async (folder) => {
      const program = `
        import * as files from "${import.meta.resolve("../../lib/platform/files.ts")}";
        const folder = ${JSON.stringify(folder)}, big = "0".repeat(1_000_000);
        for (const name of ["writeTextAtomically", "writeTextAtomicallySync"]) {
          Deno.writeTextFileSync(folder + "/a.txt", "old");
          try { await files[name](folder + "/a.txt", big); } catch (error) { console.log(error.message); }
          console.log([...Deno.readDirSync(folder)].map(({ name }) => name).join(),
            Deno.readTextFileSync(folder + "/a.txt"));
        }`;
      const { command, args } = onSmallDisk({ folder, kilobytes: 100 }, [
        ...[Deno.execPath(), "eval", "--quiet", "--no-config", program],
      ]);
      const { stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines.filter((line) => line === "a.txt old").length, 2, lines.join("\n"));
      for (const line of [lines[0], lines[2]]) {
        assertStringIncludes(line, `${folder}/a.txt was not written: the disk is full (1.0 MB are`);
      }
    });
  },
});

Deno.test({
  name: "writers keep the old file where a quota is used up, say so, and leave nothing beside",
  ignore: !hasQuotas,
  async fn() {
    await inFolder(async (folder) => {
      const text = `
        import * as files from "${import.meta.resolve("../../lib/platform/files.ts")}";
        const file = ${JSON.stringify(folder)} + "/a.txt";
        for (const name of ["writeTextAtomically", "writeTextAtomicallySync"]) {
          try { await files[name](file, "new"); } catch (error) { console.log(error.message); }
        }`;
      const inPython = `
from pathlib import Path
from tessera_export.files import write_whole
try:
    write_whole(Path(${JSON.stringify(folder)}) / "a.txt", b"new")
except OSError as error:
    print(error)`;
      Deno.writeTextFileSync(`${folder}/a.txt`, "old");
      const writers = [
        [Deno.execPath(), "eval", "--quiet", "--no-config", text],
        [program("python"), "-c", inPython],
      ];
      const said = await Promise.all(writers.map(async (writer) => {
        const [command, ...args] = withUsedQuota(writer);
        const { stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
        return new TextDecoder().decode(stdout);
      }));
      const line = `${folder}/a.txt was not written: your quota of this disk is used up ` +
        "(3 bytes are needed). A file that was there before is unchanged.\n";
      assertEquals(said, [line + line, line]);
      assertEquals(namesIn(folder), ["a.txt"]);
      assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "old");
    });
  },
});

Deno.test("writeTextAtomicallySync writes whole texts", async () => {
  await inFolder(async (folder) => {
    writeTextAtomicallySync(`${folder}/a.txt`, "first");
    writeTextAtomicallySync(`${folder}/a.txt`, "second");
    assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "second");
    assertEquals(namesIn(folder), ["a.txt"]);
  });
});

Deno.test("the room that a file needs is said in bytes, kilobytes or megabytes", () => {
  const said = [0, 1, 812, 3_140, 12_000_000].map((size) => neededRoom([new Uint8Array(size)]));
  const expected = ["1 byte is", "812 bytes are", "3.1 kB are", "12.0 MB are"];
  assertEquals(said, ["", ...expected.map((each) => ` (${each} needed)`)]);
});
