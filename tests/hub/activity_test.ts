/** What a hub takes for a server's last activity: a busy kernel counts, an idle one does not. */
import { assertEquals } from "@std/assert";
import { program } from "../../tools/command.ts";

/** A server's own way to reckon it, over a kernel in a given state whose last message came long ago. */
const script = `
import asyncio, sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from jupyter_server.serverapp import ServerWebApplication
from tessera_server import activity

activity.EVERY_MS = 5
long_ago = datetime.now(timezone.utc) - timedelta(hours=5)

class Kernels:
    last_kernel_activity = long_ago
    def list_kernels(self):
        return [{"execution_state": sys.argv[1]}]

class Application:
    last_activity = property(lambda self: ServerWebApplication.last_activity(self))
    settings = {"started": long_ago, "kernel_manager": Kernels(), "last_activity_times": {}}

async def main():
    web = Application()
    activity.count_busy_kernels(SimpleNamespace(kernel_manager=Kernels(), web_app=web))
    await asyncio.sleep(0.2)
    print(web.last_activity > long_ago)

asyncio.run(main())
`;

Deno.test("a kernel that is busy is activity, also where it says nothing; an idle one is none", async () => {
  for (const [state, counts] of [["busy", "True"], ["idle", "False"]]) {
    const { stdout, stderr } = await new Deno.Command(program("python"), {
      args: ["-c", script, state],
    }).output();
    const [out, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(out.trim(), counts, complaint);
  }
});
