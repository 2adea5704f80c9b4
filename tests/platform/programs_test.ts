import { assert, assertEquals } from "@std/assert";
import { exists, readTextIfThere } from "../../lib/platform/files.ts";
import { until } from "../kernel/processes.ts";
import { startHelper } from "../../lib/platform/programs.ts";

const onLinux = Deno.build.os === "linux";

Deno.test("a helper that ends by itself ends what it says, and can be closed all the same", async () => {
  const helper = startHelper("/bin/sh", ["-c", "echo no such module >&2; exit 1"]);
  // Whoever waits for words that do not come would wait for ever.
  let waitedTooLong = false;
  const timer = setTimeout(() => {
    waitedTooLong = true;
    helper.close();
  }, 60_000);
  const said = await new Response(helper.stderr).text();
  clearTimeout(timer);
  assertEquals([said, waitedTooLong], ["no such module\n", false]);
  await helper.close();
});

Deno.test("a helper runs until it is closed", { ignore: !onLinux }, async () => {
  const helper = startHelper("/bin/sh", ["-c", "echo $$ >&2; exec sleep 600"]);
  const reader = helper.stderr.getReader();
  const process = `/proc/${new TextDecoder().decode((await reader.read()).value).trim()}`;
  // Between the words and the program's begin its shell runs.
  assert(await until(() => readTextIfThere(`${process}/comm`) === "sleep\n", 20));
  await helper.close();
  assert(!exists(process));
  assertEquals((await reader.read()).done, true);
});
