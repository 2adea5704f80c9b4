/** docs/reading.md names files that are there, and in each what is declared in it. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { exists } from "../../lib/platform/files.ts";

const page = await Deno.readTextFile(join(root, "docs", "reading.md"));
const stations = page.split(/^## (?=\d)/m).slice(1);

/** The files that a station says to read, each with the names it says to look for. */
function readings(station: string): { file: string; names: string[] }[] {
  const paragraph = station.split("\n\n").find((each) => each.startsWith("Read ")) ?? "";
  return paragraph.split(/(?=\[`)/).slice(1).map((part) => {
    const [, file] = /\]\(\.\.\/([^)]+)\)/.exec(part)!;
    const names = [...part.replace(/^\[.*?\)/, "").matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    return { file, names };
  });
}

/** Whether a source declares a name at its top, or as a member of a class. */
function declares(source: string, name: string): boolean {
  const top = "(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:async )?" +
    "(?:function\\*?|class|const|let|interface|type) ";
  const member = " {2}(?:(?:abstract|async|readonly|static|get) )*\\*?";
  return new RegExp(`^(?:${top}${name}\\b|${member}${name}[<(:;])`, "m").test(source);
}

Deno.test("each station of docs/reading.md names files and what is declared in them", async () => {
  assertEquals(stations.length, 12);
  for (const station of stations) {
    const title = station.split("\n")[0];
    const read = readings(station);
    assert(read.length > 0, `${title} names no file`);
    for (const { file, names } of read) {
      assert(
        station.includes(`[\`${file}\`](../${file})`),
        `${title}: ${file} is linked elsewhere`,
      );
      const source = await Deno.readTextFile(join(root, file));
      const missing = names.filter((name) => !declares(source, name));
      assertEquals(missing, [], `${title}: ${file} declares no`);
    }
  }
});

Deno.test("each station of docs/reading.md says why, in about ten lines", () => {
  for (const station of stations) {
    const [title, , ...rest] = station.split(/\n\n/);
    const lines = rest.join("\n").split("\n").filter((line) => line && !line.startsWith("#"));
    assert(lines.length >= 7 && lines.length <= 14, `${title}: ${lines.length} lines`);
  }
});

Deno.test("every link of docs/reading.md leads to a file", () => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => join(root, "docs", link));
  assert(links.length > 20);
  assertEquals(links.filter((link) => !exists(link)), []);
});
