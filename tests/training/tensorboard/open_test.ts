import { assertEquals, assertRejects } from "@std/assert";
import { startTensorBoard } from "../../../lib/training/tensorboard/open.ts";
import { EventFile } from "../../../lib/training/tensorboard/event_file.ts";

Deno.test("startTensorBoard: serves the logs of a folder until it is closed", async () => {
  const folder = await Deno.makeTempDir();
  const log = new EventFile(`${folder}/train`);
  log.scalar("loss", 1, 0.5);
  log.close();
  const server = await startTensorBoard(folder);
  try {
    let tags: Record<string, string[]> = {};
    // TensorBoard answers before it has read the logs for the first time.
    for (let attempt = 0; attempt < 300 && !tags.train; attempt++) {
      const response = await fetch(`${server.address}data/plugin/scalars/tags`);
      assertEquals(response.status, 200);
      tags = await response.json();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assertEquals(Object.keys(tags.train ?? {}), ["loss"]);
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
  await assertRejects(() => fetch(server.address));
});
