import { assertEquals } from "@std/assert";
import { userInfo } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { homePath, projectPath } from "../../lib/mod.ts";
import { homeAround, homeFolder, isHome, pathFrom } from "../../lib/platform/places.ts";

const root = dirname(dirname(import.meta.dirname!));

/** Runs `body` with an empty folder outside of the project, and puts working directory and variables back. */
async function elsewhere(body: (folder: string) => void | Promise<void>): Promise<void> {
  const before = Deno.cwd(), home = Deno.env.get("TESSERA_HOME");
  Deno.env.delete("TESSERA_HOME");
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera places " }));
  try {
    await body(folder);
  } finally {
    Deno.chdir(before);
    if (home !== undefined) Deno.env.set("TESSERA_HOME", home);
    else Deno.env.delete("TESSERA_HOME");
    await Deno.remove(folder, { recursive: true });
  }
}

const homeSettings = (installation: string) =>
  JSON.stringify({ importMap: pathToFileURL(join(installation, "import_map.json")).href });

Deno.test("projectPath is relative in the installation and whole elsewhere", async () => {
  await elsewhere((folder) => {
    Deno.chdir(join(root, "notebooks", "source", "unit1"));
    assertEquals(projectPath("lib", "mod.ts"), "../../../lib/mod.ts");
    Deno.chdir(folder);
    assertEquals(projectPath("lib", "mod.ts"), join(root, "lib", "mod.ts"));
  });
});

Deno.test("homePath: what runs in the installation has out/solved, what is graded its own folder", async () => {
  await elsewhere((folder) => {
    Deno.chdir(join(root, "notebooks", "source", "unit1"));
    assertEquals(homePath("runs"), "../../../out/solved/runs");
    Deno.env.set("NBGRADER_EXECUTION", "autograde");
    try {
      assertEquals(homePath("runs"), "runs");
    } finally {
      Deno.env.delete("NBGRADER_EXECUTION");
    }
    Deno.chdir(folder);
    assertEquals(homePath("runs"), "runs", "a program elsewhere writes where it runs");
  });
});

Deno.test("homePath finds the home around the working directory, or the one that is named", async () => {
  await elsewhere(async (folder) => {
    const home = join(folder, "a home"), unit = join(home, "unit1");
    await Deno.mkdir(unit, { recursive: true });
    await Deno.writeTextFile(join(home, "deno.json"), homeSettings("/some where/#1/course"));
    assertEquals([isHome(home), isHome(unit), isHome(root)], [true, false, false]);
    assertEquals(homeAround(unit), home);
    Deno.chdir(unit);
    assertEquals(homePath("runs", "unit1"), "../runs/unit1");
    assertEquals(homePath("/data/of/mine"), "/data/of/mine");
    Deno.chdir(root);
    Deno.env.set("TESSERA_HOME", home);
    assertEquals(homeFolder(), home);
    assertEquals(homePath("runs"), join(home, "runs"));
    const own = Deno.env.get("HOME")!;
    Deno.env.set("HOME", folder);
    Deno.env.set("TESSERA_HOME", "~/a home");
    assertEquals(homeFolder(), home);
    Deno.env.set("HOME", own);
    // By a link too the path leads there.
    const link = join(folder, "link");
    await Deno.symlink(home, link);
    Deno.env.set("TESSERA_HOME", link);
    Deno.chdir(join(link, "unit1"));
    await Deno.mkdir(homePath("runs"));
    assertEquals((await Deno.stat(join(home, "runs"))).isDirectory, true);
    assertEquals(relative(home, await Deno.realPath(homePath("runs"))), "runs");
  });
});

Deno.test("a deno.json with comments makes a home; one of another project does not", async () => {
  await elsewhere(async (folder) => {
    const write = (text: string) => Deno.writeTextFile(join(folder, "deno.json"), text);
    await write(`{ // mine\n  "importMap" : "/course/import_map.json", "lock": false }`);
    assertEquals(isHome(folder), true);
    for (
      const text of ["{}", '{ "importMap": "./import_map.json" }', '{ "importMap": "/a.json" }']
    ) {
      await write(text);
      assertEquals(isHome(folder), false, text);
    }
  });
});

Deno.test("a leading ~ is one's own folder where no HOME names it, as in a service", () => {
  const own = Deno.env.get("HOME");
  try {
    Deno.env.delete("HOME");
    assertEquals(pathFrom("/", "~/tessera"), join(userInfo().homedir!, "tessera"));
    Deno.env.set("HOME", "/home of one's own");
    assertEquals(pathFrom("/", "~"), "/home of one's own");
    assertEquals(pathFrom("/srv", "~ada"), "/srv/~ada");
  } finally {
    if (own === undefined) Deno.env.delete("HOME");
    else Deno.env.set("HOME", own);
  }
});
