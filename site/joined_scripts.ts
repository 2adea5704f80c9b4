/**
 * JupyterLab's scripts, joined. Its first one asks for eighty others, each by a request of its own and in turns: those of
 * its start, and those that draw formulas. Which they are was seen in a browser, and a test sees it again.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import pieces from "./joined_scripts.json" with { type: "json" };

/**
 * Joins the scripts of a site's `build` folder, which are removed, and lets the first one (by its path in there) know;
 * gives the joined ones' names.
 */
export async function joinScripts(
  build: string,
  first: string,
): Promise<Record<keyof typeof pieces, string>> {
  const names = new Map<string, string>();
  for await (const { name } of Deno.readDir(build)) {
    const piece = /^(\w+)\.\w+\.js$/.exec(name)?.[1];
    if (piece) names.set(piece, name);
  }
  const joined = {
    start: await joinPieces(build, "start", names),
    formulas: await joinPieces(build, "formulas", names),
  };
  await tell(join(build, first), joined);
  return joined;
}

async function joinPieces(
  build: string,
  kind: keyof typeof pieces,
  names: ReadonlyMap<string, string>,
): Promise<string> {
  let joined = "";
  for (const piece of pieces[kind]) {
    const name = names.get(piece);
    if (!name) throw new Error(`JupyterLite's pages have no script ${piece}.`);
    const code = await Deno.readTextFile(join(build, name));
    // Each is strict or not by itself.
    joined += `(function(){${code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "")}\n})();\n`;
    await Deno.remove(join(build, name));
  }
  const sum = createHash("sha256").update(joined).digest("hex").slice(0, 7);
  await Deno.writeTextFile(join(build, `${kind}.${sum}.js`), joined);
  return `${kind}.${sum}.js`;
}

/** Where the first script looks a piece's address up, it finds that of the script that it is in. */
async function tell(first: string, joined: Record<keyof typeof pieces, string>): Promise<void> {
  const code = await Deno.readTextFile(first);
  const addresses = Object.fromEntries(
    (["start", "formulas"] as const).flatMap((kind) =>
      pieces[kind].map((piece) => [numberOf(piece, code), joined[kind]])
    ),
  );
  const place = "__webpack_require__.u=e=>";
  if (code.split(place).length !== 2) throw new Error(`${first} has not one "${place}".`);
  await Deno.writeTextFile(
    first,
    code.replace(place, () => `${place}(${JSON.stringify(addresses)})[e]||`),
  );
}

/** A script's number, by which the others ask for it; one has a name beside. */
function numberOf(piece: string, code: string): string {
  if (/^\d+$/.test(piece)) return piece;
  const number = new RegExp(`(\\d+)===e\\?"${piece}"`).exec(code)?.[1];
  if (!number) throw new Error(`JupyterLite's first script does not ask for ${piece}.`);
  return number;
}
