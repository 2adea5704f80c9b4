/** A new version of an installation takes the old one's place, by a link, while kernels of the old one run. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { copyInstallation, removeInstallation, setWritable } from "./read_only.ts";

/** Makes the second version: what loads late is not what the first would take, and the library says which it is. */
async function change(course: string): Promise<void> {
  const late = 'throw new Error("This is the other version\'s.");\n';
  await Deno.writeTextFile(join(course, "playground", "mod.ts"), late);
  const door = join(course, "lib", "mod.ts");
  await Deno.writeTextFile(door, "\nexport const edition = 2;\n", { append: true });
}

async function run(program: string, args: string[], options: Deno.CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, ...options }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(code, 0, said);
  return said;
}

Deno.test({
  name: "kernels of a version go on when the link leads to the next one, which new kernels get",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const parent = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-upgrade-" }));
    const [old, next, link] = ["course-1", "course-2", "course"].map((name) => join(parent, name));
    const home = join(parent, "home");
    try {
      await Promise.all([old, next].map((each) => copyInstallation(each)));
      await change(next);
      for (const each of [old, next]) await setWritable(each, "-w");
      await Deno.symlink(old, link);
      await run(join(link, "tessera"), ["home", home], { cwd: parent });
      // What the home names is the link.
      const named = await Deno.readTextFile(join(home, "deno.json"));
      assertStringIncludes(named, pathToFileURL(join(link, ".venv", "import_map.json")).href);
      const { environmentOf } = await import(pathToFileURL(join(link, "tools", "homes.ts")).href);
      const env = { ...environmentOf(home), NO_COLOR: "1" };
      const script = join(old, "tests", "places", "upgrade.py");
      await run(join(old, ".venv", "bin", "python"), [script, link, old, next], {
        cwd: join(home, "unit1"),
        env,
      });
      // Its own command is the next one's now, and so is what its files import.
      await Deno.writeTextFile(
        join(home, "own.ts"),
        'import { edition } from "tessera"; console.log(`edition ${edition}`);',
      );
      await run(join(home, "tessera"), ["update"], { cwd: home });
      const deno = join(next, ".venv", "bin", "deno");
      const said = await run(deno, ["run", "--allow-all", "own.ts"], { cwd: home, env });
      assertStringIncludes(said, "edition 2");
      assertEquals(await Deno.readTextFile(join(home, "deno.json")), named);
    } finally {
      for (const each of [old, next]) await removeInstallation(each);
      await Deno.remove(parent, { recursive: true });
    }
  },
});
