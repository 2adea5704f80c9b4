/** The language service as a process: when it starts, what it survives, when it ends, who may ask it. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { root } from "../../tools/command.ts";
import { until } from "../kernel/processes.ts";
import { Client, sent } from "./client.ts";
import { withHome } from "./home.ts";
import { processesOf } from "./processes.ts";

const cells = [
  'import * as tf from "@tensorflow/tfjs";\nconst images = tf.zeros([4, 28, 28, 1]);',
  "const later = images.shape;",
];
const name = "unit1/mine.ipynb";
/** `later`, in the second cell. */
const place = { line: 4, character: 7 };

const linux = Deno.build.os === "linux";

Deno.test({
  name:
    "the service starts when it is asked, is its user's alone, and survives what becomes of others",
  ignore: !linux,
  fn: async () => {
    await withHome(async (home) => {
      const before = [...Deno.readDirSync(home)].map((each) => each.name).sort();
      let socket: string, first: number | undefined;
      {
        await using client = await Client.start(home);
        socket = client.socket;
        await client.open(name, sent(cells));
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert(!exists(dirname(socket)), "a notebook that is opened starts nothing");
        assert((await client.hover(name, place)).includes("later: number[]"));
        assertEquals(Deno.lstatSync(socket).mode! & 0o777, 0o600);
        assertEquals(Deno.lstatSync(dirname(socket)).mode! & 0o777, 0o700);
        first = processesOf(socket).service;
        assert(first);

        // The language server dies while it is asked: another one answers, which knows what is open.
        const { server } = processesOf(socket);
        Deno.kill(server!, "SIGSTOP");
        await client.change(name, sent([...cells, "const more = later;"]));
        const more = client.hover(name, { line: 7, character: 7 });
        await new Promise((resolve) => setTimeout(resolve, 300));
        Deno.kill(server!, "SIGKILL");
        assert((await more).includes("more: number[]"));
        assert(processesOf(socket).service !== first);
        first = processesOf(socket).service;
      }
      // A page that is loaded again, and so another program before the same service.
      {
        await using client = await Client.start(home, socket);
        await client.open(name, sent(cells));
        assert((await client.hover(name, place)).includes("later: number[]"));
        assertEquals(processesOf(socket).service, first);
      }
      assertEquals([...Deno.readDirSync(home)].map((each) => each.name).sort(), before);
      Deno.kill(processesOf(socket).service!, "SIGTERM");
      assert(await until(() => !exists(dirname(socket)), 60));
    });
  },
});

Deno.test({
  name: "the service ends when nobody asks, and when Jupyter's server is killed, without a trace",
  ignore: !linux,
  fn: async () => {
    const start = (server: number, idleSeconds: number) => {
      const folder = Deno.makeTempDirSync({ dir: "/tmp", prefix: "tessera-language-test-" });
      const socket = join(folder, "socket");
      const service = new Deno.Command("/bin/sh", {
        args: [join(root, "tools", "language.sh"), socket, `${server}`, `${idleSeconds}`],
        stdin: "null",
        stdout: "null",
      }).spawn();
      return { socket, service };
    };
    const idle = start(Deno.pid, 1);
    const server = new Deno.Command("sleep", { args: ["600"] }).spawn();
    const orphan = start(server.pid, 600);
    assert(await until(() => exists(orphan.socket), 60));
    server.kill("SIGKILL");
    await server.status;
    for (const { socket, service } of [idle, orphan]) {
      assert((await service.status).success);
      assert(!exists(dirname(socket)));
    }
  },
});
