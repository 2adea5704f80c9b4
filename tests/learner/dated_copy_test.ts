import { assertEquals } from "@std/assert";
import { writeBeside } from "../../tools/learner/dated_copy.ts";

Deno.test("writeBeside removes what a killed one has left, whether or not the copy is there by now", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const bytes = new TextEncoder().encode("mine");
    for (let time = 0; time < 2; time++) {
      await Deno.writeFile(`${folder}/.a.pdf.${crypto.randomUUID()}.partial`, bytes);
      const copy = await writeBeside(`${folder}/a.pdf`, "2026-01-31", bytes);
      assertEquals(copy, `${folder}/a.2026-01-31.pdf`);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.2026-01-31.pdf"]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
