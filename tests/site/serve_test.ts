/** A site as this machine serves it. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { serveSite } from "../../site/serve.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";

Deno.test("a browser that has a file is not sent it again, also where it went out packed", async () => {
  await withTemporaryFolder("serve-test", async (folder) => {
    await Deno.writeTextFile(join(folder, "long.js"), "a = 1;\n".repeat(1000));
    const server = serveSite(folder);
    try {
      const address = `http://127.0.0.1:${server.addr.port}/long.js`;
      const first = await fetch(address);
      assertEquals((await first.text()).length, 7000);
      const etag = first.headers.get("etag")!;
      assertEquals(etag.startsWith("W/"), true); // it was packed
      const again = await fetch(address, { headers: { "if-none-match": etag } });
      assertEquals([again.status, await again.text()], [304, ""]);
      const other = await fetch(address, { headers: { "if-none-match": 'W/"other"' } });
      assertEquals([other.status, (await other.text()).length], [200, 7000]);
    } finally {
      await server.shutdown();
    }
  });
});
