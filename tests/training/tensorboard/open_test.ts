import { assertEquals, assertRejects } from "@std/assert";
import { startTensorBoard, tensorBoardFrame } from "../../../lib/training/tensorboard/open.ts";
import { EventFile } from "../../../lib/training/tensorboard/event_file.ts";
import { Chromium, findChromium } from "../../chromium.ts";

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
    const { port } = new URL(server.address);
    const statusFor = async (host: string) => {
      const args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Host: ${host}`];
      const { stdout } = await new Deno.Command("curl", { args: [...args, server.address] })
        .output();
      return new TextDecoder().decode(stdout);
    };
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "localhost"]) {
      assertEquals(await statusFor(host), "200", host);
    }
    for (const host of [`evil.example:${port}`, "evil.example", "127.0.0.1.evil.example", ""]) {
      assertEquals(await statusFor(host), "403", host);
    }
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
  await assertRejects(() => fetch(server.address));
});

Deno.test({
  name: "TensorBoard's frame gives place to words when TensorBoard has ended",
  ignore: !findChromium(),
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".html" });
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("<p>scalars</p>", { headers: { "content-type": "text/html" } }),
    );
    try {
      const address = `http://127.0.0.1:${server.addr.port}/`;
      await Deno.writeTextFile(file, `<!doctype html>${tensorBoardFrame(address, 0.1)}`);
      await using browser = await Chromium.start(findChromium()!);
      await browser.open(`file://${file}`);
      const until = async (condition: string) => {
        while (!await browser.evaluate(condition)) await new Promise((go) => setTimeout(go, 50));
      };
      await until(`document.querySelector("iframe")?.src === "${address}"`);
      await server.shutdown();
      await until(`document.querySelector("iframe") === null`);
      const words = await browser.evaluate("document.body.innerText");
      assertEquals(
        words.trim(),
        `TensorBoard ran at ${address} until its kernel ended. Run the cell again to start it.`,
      );
    } finally {
      await Deno.remove(file);
    }
  },
});
