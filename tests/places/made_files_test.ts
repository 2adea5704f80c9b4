import { assertEquals } from "@std/assert";
import { basename, join } from "node:path";
import { dateName } from "../../tools/learner/dated_copy.ts";
import { MadeFiles } from "../../tools/made_files.ts";

Deno.test("MadeFiles keeps what a person changed or put in a file's place, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const files = new MadeFiles(folder, join(folder, ".notes"));
  const path = join(folder, "unit1", "page.html");
  const today = dateName(new Date());
  const make = async (text: string): Promise<string | undefined> => {
    const kept = await files.makeRoom(path);
    await Deno.mkdir(join(folder, "unit1"), { recursive: true });
    await Deno.writeTextFile(path, text);
    await files.note(path);
    return kept && basename(kept);
  };
  try {
    assertEquals(await make("made"), undefined, "nothing was there");
    assertEquals(await make("made again"), undefined, "it was as it was made");
    await Deno.writeTextFile(path, "with a remark");
    assertEquals(await files.isPersons(path), true);
    assertEquals(await make("made once more"), `page.${today}.html`);
    assertEquals(
      await Deno.readTextFile(join(folder, "unit1", `page.${today}.html`)),
      "with a remark",
    );
    await Deno.writeTextFile(path, "with another remark");
    assertEquals(await make("made"), `page.${today}-2.html`, "no copy takes another's place");
    await Deno.remove(path);
    assertEquals(await make("made"), undefined, "it may be deleted");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
