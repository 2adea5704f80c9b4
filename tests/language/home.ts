/** A home for tests of help while one types. */
import { join } from "node:path";
import { makeHome } from "../../tools/homes.ts";

/** Calls with a home of its own, which goes away; its folder has no links on its way, as an editor names it. */
export async function withHome<Found>(
  use: (home: string) => Promise<Found>,
  name = "home",
): Promise<Found> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-language-" }));
  const home = join(folder, name);
  try {
    makeHome(home);
    return await use(home);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
