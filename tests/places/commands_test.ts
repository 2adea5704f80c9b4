/** Every command writes where `tools/places.json` says and nowhere else, and keeps what persons wrote. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { commands, places, placesFile, placesPage } from "../../tools/places.ts";
import { root } from "../../tools/command.ts";
import { dataFolder, lies, makeCourse, persons, textsIn, trials } from "./course.ts";

/** Paths that a command wrote although none of its places has them. */
function strays(command: string, where: "home" | "installation", written: string[]): string[] {
  const allowed = commands[command].writes.map((name) => places[name]);
  // A notebook is a person's, wherever it lies in the home.
  const notebooks = commands[command].writes.includes("notebooks");
  const here = commands[command].writes.includes("here");
  return written.filter((path) =>
    !allowed.some((place) => place.in === where && lies(path, place)) &&
    !(where === "home" && (notebooks || here) && !/^(runs|out|data|\.\w+)\//.test(path))
  );
}

Deno.test("places.json has the commands that ./tessera has and its help tells of", async () => {
  const known = Object.keys(commands).sort();
  const script = await Deno.readTextFile(join(root, "tessera"));
  assertEquals(/^commands='(.*)'$/m.exec(script)![1].split(" ").sort(), known);
  const help = await Deno.readTextFile(join(root, "tools", "help.txt"));
  const told = [...help.matchAll(/^ {2}\.\/tessera (\w[\w-]*)/gm)].map(([, name]) => name);
  assertEquals([...new Set(told)].sort(), known);
  const unknown = Object.values(commands).flatMap(({ writes }) => writes)
    .filter((place) => !(place in places));
  assertEquals(unknown, []);
  assertEquals(Object.keys(trials).sort(), known, "a command has no trial");
});

Deno.test("docs/places.md is made from places.json", async () => {
  const plain = (text: string) => text.replace(/[ \n]+/g, " ").replace(/-+/g, "-");
  assertEquals(plain(await Deno.readTextFile(placesFile)), plain(placesPage()));
});

Deno.test("every place where a command writes has a person's file in it", () => {
  for (const [name, { in: where, paths }] of Object.entries(places)) {
    if (where === "elsewhere" || name === "environment") continue;
    const covered = Object.keys(persons[where]).some((path) => lies(path, { paths }));
    assert(covered, `nobody's file lies in ${name}`);
  }
});

Deno.test("no command loses a person's file, and each writes only where places.json says", async () => {
  const { course, home } = await makeCourse();
  const folders = { home, installation: course.folder };
  const env = { TESSERA_QUICK: "1", ...dataFolder() };
  try {
    for (const [command, calls] of Object.entries(trials)) {
      for (const args of calls) {
        const before = {
          home: await textsIn(home),
          installation: await textsIn(course.folder),
        };
        const { code, said } = await course.tessera(command, args, { from: home, env });
        if (command !== "kernel") assertEquals(code, 0, `${command} ${args.join(" ")}: ${said}`);
        for (const where of ["home", "installation"] as const) {
          const after = await textsIn(folders[where]);
          const written = [...after].filter(([path, text]) => before[where].get(path) !== text)
            .map(([path]) => path);
          assertEquals(strays(command, where, written), [], `${command} ${args.join(" ")} wrote`);
          const kept = new Set(after.values());
          for (const [path, text] of Object.entries(persons[where])) {
            assert(kept.has(text), `${command} ${args.join(" ")} lost ${path}\n${said}`);
          }
        }
      }
    }
  } finally {
    await course[Symbol.asyncDispose]();
  }
});
