import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { exists } from "../../../lib/platform/files.ts";
import {
  addressForReader,
  startTensorBoard,
  tensorBoardFrame,
} from "../../../lib/training/tensorboard/open.ts";
import { EventFile } from "../../../lib/training/tensorboard/event_file.ts";
import { Chromium, findChromium } from "../../chromium.ts";

const textOf = (file: string) => Deno.readTextFile(file).catch(() => "");

Deno.test("TensorBoard's address on a hub is below the path of the reader's server", () => {
  const address = "http://127.0.0.1:6006/secret/";
  assertEquals(addressForReader(address), address);
  assertEquals(addressForReader(address, "/user/ada/"), "/user/ada/proxy/6006/secret/");
});

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
    // Other users of the machine, and pages whose name points here, do not know the path.
    const { origin } = new URL(server.address);
    for (const path of ["/", "/data/runs", "/index.js", "/x/data/runs"]) {
      const answer = await fetch(`${origin}${path}`);
      await answer.body?.cancel();
      assertEquals(answer.status, 404, path);
    }
    // Nor is it where they may look.
    const secret = new URL(server.address).pathname.slice(1, -1);
    assert(secret.length >= 20, secret);
    const { stdout } = await new Deno.Command("ps", { args: ["-ww", "-eo", "args"] }).output();
    assert(!new TextDecoder().decode(stdout).includes(secret), "in the list of processes");
    const notes = join(Deno.env.get("TMPDIR") ?? "/tmp", ".tensorboard-info");
    const texts = await Promise.all(
      exists(notes)
        ? [...Deno.readDirSync(notes)].map(({ name }) => textOf(join(notes, name)))
        : [],
    );
    assert(!texts.some((text) => text.includes(secret)), `in ${notes}`);
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
