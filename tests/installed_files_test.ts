/** What the doctor finds of an installation's files that are not as the set-up has made them. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { damagedFiles } from "../tools/installed_files.ts";

const python = ".venv/lib/python3.13/site-packages/tile";
const [library, font, module] = [
  `${python}/tile.so`,
  `${python}/face, bold.ttf`,
  "npm/tile/main.js",
];

/** An installation of three files, as the packages' records and the set-up's notes have them. */
async function installation(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-installed-" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  };
  await write(library, "a library");
  await write(font, "a font");
  await write(`.deno/${module}`, "a module");
  const line = (name: string, text: string) => {
    const hash = createHash("sha256").update(text).digest("base64url");
    return `${name},sha256=${hash},${text.length}\n`;
  };
  await write(
    `${python}-1.0.dist-info/RECORD`,
    line("tile/tile.so", "a library") + line('"tile/face, bold.ttf"', "a font") +
      line("tensorflow/include/tile.h", "which the set-up removes") +
      "tile-1.0.dist-info/RECORD,,\n",
  );
  const { stdout } = await new Deno.Command("cksum", {
    args: [module],
    cwd: join(folder, ".deno"),
  }).output();
  await Deno.writeFile(join(folder, ".deno", "tessera-sums.txt"), stdout);
  return folder;
}

for (const path of [library, font, `.deno/${module}`]) {
  Deno.test(`damagedFiles finds ${path} deleted and cut short by its size, and altered by its sum`, async () => {
    const folder = await installation();
    try {
      const found = async (options = {}) =>
        (await damagedFiles({ folder, ...options })).map((each) => each.slice(folder.length + 1));
      assertEquals(await found({ inEachByte: true }), []);
      const file = join(folder, path);
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(file, text.replace("a", "b"));
      assertEquals(await found(), []);
      assertEquals(await found({ inEachByte: true }), [path]);
      await Deno.truncate(file, 3);
      assertEquals(await found(), [path]);
      await Deno.remove(file);
      assertEquals(await found(), [path]);
      assertEquals(await found({ inEachByte: true }), [path]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
