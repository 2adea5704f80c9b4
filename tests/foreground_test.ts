/** A program in the foreground, whose command alone is asked to end, as by a hub. */
import { assertEquals } from "@std/assert";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { root } from "../tools/command.ts";

const child = `import signal, sys, time
def end(*_):
    time.sleep(0.2)
    print("ended in order", flush=True)
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("runs", flush=True)
time.sleep(60)`;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name:
      `a program that a command starts ends in order at the first ${signal} to the command, which waits for it`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const command = pathToFileURL(join(root, "tools", "command.ts")).href;
      const text = `import { foreground } from ${JSON.stringify(command)};
        const endedBy = ["SIGINT", "SIGTERM"];
        Deno.exit(await foreground("python", ["-c", ${JSON.stringify(child)}], { endedBy }));`;
      const caller = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--quiet", "--config", join(root, "deno.json"), text],
        ...{ cwd: root, stdin: "null", stdout: "piped", stderr: "inherit" },
      }).spawn();
      let said = "";
      for await (const piece of caller.stdout.pipeThrough(new TextDecoderStream())) {
        said += piece;
        if (said === "runs\n") caller.kill(signal);
      }
      assertEquals([said, (await caller.status).code], ["runs\nended in order\n", 7]);
    },
  });
}
