/** Programs of several machines: how they find one another, and what each says where one of them fails. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { toText } from "@std/streams";
import { ClusterError } from "../../../lib/tensor/cluster/cluster_error.ts";
import { followMachines } from "../../../lib/tensor/cluster/follow.ts";
import {
  leadMachines,
  type MachinesOptions,
  requireMachines,
} from "../../../lib/tensor/cluster/machines.ts";
import { frames, FrameWriter } from "../../../lib/tensor/cluster/frames.ts";
import { RemoteWorker } from "../../../lib/tensor/cluster/remote_worker.ts";
import { endpointOf, firstFrame, greeted, say } from "../../../lib/tensor/cluster/rendezvous.ts";
import { WorkerGroup } from "../../../lib/tensor/cluster/worker_group.ts";
import { withProcesses } from "./groups.ts";
import { Hosts } from "./hosts.ts";
import "../../../lib/tensor/tf.ts";

/** Addresses of this machine that nobody has. */
function freeAddresses(count: number): string[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const addresses = listeners.map(({ addr }) => `127.0.0.1:${(addr as Deno.NetAddr).port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

const card = { recipe: "mnist-vit", "parameter head.weight": "[64,10]", version: "1" };

/** What each of several programs says that cannot train together; TensorFlow is not reached. */
async function refusals(all: Partial<MachinesOptions>[], count = 2): Promise<string[]> {
  const addresses = freeAddresses(count);
  const runs = all.map(async (own) => {
    const options = {
      ...{ addresses, task: 0, card, trustNetwork: true, patienceSeconds: 5, waitSeconds: 20 },
      ...own,
      say: () => {},
    };
    const run = options.task === 0
      ? leadMachines(options)
      : followMachines({ ...options, tell: () => {}, onStop: () => () => {} });
    return (await assertRejects(() => run as Promise<unknown>, ClusterError)).message;
  });
  return await Promise.all(runs);
}

const refusalTest = (name: string, fn: () => Promise<void>) =>
  // A program that is refused may still be on its way to another try. None starts a process.
  Deno.test({ name, ...withProcesses, ignore: Deno.build.os !== "linux", fn });

refusalTest("programs that do not fit together all hear why", async () => {
  const others: [Partial<MachinesOptions>, RegExp][] = [
    [{ card: { ...card, recipe: "cifar-vit" } }, /another recipe cifar-vit, task 0 has mnist-vit$/],
    [
      { card: { ...card, "parameter head.weight": "[64,9]" } },
      /parameter head.weight \[64,9\], task 0 has \[64,10\]$/,
    ],
    [
      { card: { ...card, "--half-gradients": "true" } },
      /^task 1 \(.*\) was started with --half-gradients, task 0 without it$/,
    ],
    [{ card: { ...card, more: "yes" } }, /another more yes, task 0 has \(none\)$/],
    [{ card: { ...card, version: "2" } }, /another version 2, task 0 has 1$/],
  ];
  for (const [other, expected] of others) {
    const said = await refusals([{}, { task: 1, ...other }]);
    said.forEach((each) => assertMatch(each, expected));
    assertMatch(said[0], /^task 1 \(127\.0\.0\.1:\d+\) (has|was)/);
  }
});

refusalTest(
  "a number of processes that differs, and a task number twice, are told to all",
  async () => {
    const [first, second, third] = freeAddresses(3);
    const sizes = await refusals([
      { addresses: [first, second] },
      { addresses: [first, second, third], task: 1 },
    ]);
    sizes.forEach((each) => assertEquals(each, "task 1 was told of 3 processes, task 0 of 2"));
    const twice = await refusals([{}, { task: 1 }, { task: 1 }], 3);
    twice.forEach((each) => assertEquals(each, "two programs have task number 1"));
    const leaders = await refusals([{}, {}]);
    leaders.forEach((each) => assertEquals(each, "two programs have task number 0"));
  },
);

refusalTest("a program that is ended while it waits may come again", async () => {
  const addresses = freeAddresses(3);
  const settings = { card, trustNetwork: true, patienceSeconds: 5, waitSeconds: 20 };
  const lines: string[] = [];
  const has = async (words: RegExp) => {
    while (!lines.some((line) => words.test(line))) await seconds(0.01);
  };
  const leads = assertRejects(
    () => leadMachines({ ...settings, addresses, task: 0, say: (line) => lines.push(line) }),
    ClusterError,
    "task 2 (", // which has another card; not: two programs have number 1
  );
  await has(/^waits for/);
  const first = await greeted(await Deno.connect(endpointOf(addresses[0])), "task 0");
  await say(first, { kind: "hello", task: 1, size: 3, threads: 1, card });
  await seconds(0.2);
  first.connection.close();
  await has(/^waits for .*: 127\.0\.0\.1:\d+ has gone again$/);
  const others = [{ task: 1, card }, { task: 2, card: { ...card, recipe: "cifar-vit" } }];
  await Promise.all(others.map((own) =>
    assertRejects(
      () =>
        followMachines({
          ...{ ...settings, ...own, addresses },
          ...{ say: () => {}, tell: () => {}, onStop: () => () => {} },
        }),
      ClusterError,
      "another recipe",
    )
  ));
  await leads;
});

refusalTest("a wish to stop is kept until somebody takes it", async () => {
  const none = { workers: [], addresses: [], threads: [] };
  const group = await WorkerGroup.across(none, {
    tensorflow: "",
    device: "cpu",
    patienceSeconds: 1,
  });
  const taken: string[] = [];
  group.askToStop("hostB:9001");
  group.onStop((machine) => taken.push(machine));
  assertEquals(taken, ["hostB:9001"]);
});

refusalTest("a name that nobody knows is said to be unknown while it is waited for", async () => {
  const [own] = freeAddresses(1);
  const lines: string[] = [];
  await assertRejects(
    () =>
      followMachines({
        ...{ addresses: ["no-such-host.invalid:9001", own], task: 1, card, trustNetwork: true },
        ...{ patienceSeconds: 5, waitSeconds: 0, say: (line) => lines.push(line) },
        ...{ tell: () => {}, onStop: () => () => {} },
      }),
    ClusterError,
    "no-such-host.invalid:9001 was not reached in 0 seconds",
  );
  assertMatch(lines.join(), /^waits for no-such-host\.invalid:9001, a name that is not known here/);
});

refusalTest("a port that is taken, or that is another machine's, is told to all", async () => {
  const addresses = freeAddresses(2);
  {
    using _other = Deno.listen(endpointOf(addresses[1]));
    const said = await refusals([{ addresses }, { addresses, task: 1 }]);
    said.forEach((each) => assertMatch(each, /^task 1 \(.*\): port \d+ is taken$/));
  }
  {
    using other = Deno.listen(endpointOf(addresses[0]));
    (async () => {
      for await (const connection of other) connection.close();
    })();
    const [leads, follows] = await refusals([{ addresses }, { addresses, task: 1 }]);
    assertMatch(leads, /^task 0 \(.*\): port \d+ is taken$/);
    assertMatch(
      follows,
      /there is no Tessera that waits for others: another program has that port/,
    );
  }
  const elsewhere = [...freeAddresses(1), "192.0.2.1:9001"];
  const said = await refusals([{ addresses: elsewhere }, { addresses: elsewhere, task: 1 }]);
  said.forEach((each) => assertMatch(each, /192\.0\.2\.1 is no address of this machine/));
});

refusalTest("who does not come is named", async () => {
  const [alone] = await refusals([{ waitSeconds: 1 }], 3);
  assertMatch(alone, /^127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+ did not come in 1 seconds$/);
});

Deno.test("several machines need addresses, a number among them, and the network's trust", () => {
  const wrong = (own: Partial<MachinesOptions>, kind: new () => Error, message: string) =>
    assertThrows(
      () =>
        requireMachines({
          ...{ addresses: ["a:1", "b:1"], task: 0, card, trustNetwork: true, say: () => {} },
          ...{ patienceSeconds: 1, waitSeconds: 1, ...own },
        }),
      kind,
      message,
    );
  wrong({ addresses: ["a", "b:1"] }, RangeError, '"a" is no address: host:port');
  wrong({ addresses: ["a:1", "b:70000"] }, RangeError, '"b:70000" is no address');
  wrong({ addresses: ["a:1", "a:1"] }, RangeError, "a:1 is named twice");
  wrong({ task: 2 }, RangeError, "the task is 2, must be from 0 to 1");
  wrong({ trustNetwork: false }, ClusterError, "say --trust-network");
  assertEquals(endpointOf("[::1]:9001"), { hostname: "::1", port: 9001 });
});

/** Both ends of a connection. */
async function connected(): Promise<[Deno.Conn, Deno.Conn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connection = Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  return [await listener.accept(), await connection];
}

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, 1000 * count));

refusalTest(
  "a program is waited for while it gives signs of life",
  async () => {
    const [here, there] = await connected();
    const line = { connection: here, writer: new FrameWriter(here.writable) };
    const worker = new RemoteWorker("process 1", { line, rest: frames(here.readable) }, () => {});
    const other = new FrameWriter(there.writable);
    let answers = 0;
    const answering = (async () => {
      for await (const { header } of frames(there.readable)) {
        if (header.kind === "alive" && answers++ < 10) await other.write({ header, payloads: [] });
      }
    })();
    worker.begin(0.4);
    await assertRejects(
      () => worker.greeting,
      ClusterError,
      "process 1 has given no sign of life for 0.4 seconds",
    );
    // Those that were answered, and those that were missed; a busy machine sends one more while an answer comes.
    assert(answers >= 14 && answers < 20, `${answers}`);
    await worker.close();
    await answering;
  },
);

refusalTest("a program answers signs of life, and says so where none come any more", async () => {
  const addresses = freeAddresses(2);
  using listener = Deno.listen(endpointOf(addresses[0]));
  const outcome = followMachines({
    ...{ addresses, task: 1, card, trustNetwork: true, patienceSeconds: 1, waitSeconds: 20 },
    ...{ say: () => {}, tell: () => {}, onStop: () => () => {} },
  });
  const unheard = `process 0 (${addresses[0]}) has given no sign of life for 1 seconds`;
  const fails = assertRejects(() => outcome, ClusterError, unheard);
  const line = await greeted(await listener.accept(), "the other end");
  const [, rest] = await firstFrame(line);
  const heard = (async () => {
    const headers: Record<string, unknown>[] = [];
    for await (const { header } of rest) headers.push(header);
    return headers;
  })();
  await say(line, { kind: "begin" });
  for (let sign = 0; sign < 10; sign++) {
    await say(line, { kind: "alive" });
    await seconds(0.2);
  }
  await fails;
  // Its worker may have come to say that it is ready.
  const reports = (await heard).filter(({ kind }) => kind !== "ready");
  assertEquals(reports.splice(0, 10), Array(10).fill({ kind: "alive" }));
  assertEquals(reports.map(({ kind }) => kind), ["lost"]);
  assertMatch(`${reports[0].message}`, /has given no sign of life for 1 seconds/);
});

/** A program of a simulated machine. */
function start(hosts: Hosts, task: number, patienceSeconds: number) {
  const [command, ...args] = [
    ...[...hosts.on(task), Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
    ...["--config", new URL("../../../deno.json", import.meta.url).pathname],
    new URL("machine_program.ts", import.meta.url).pathname,
    ...[hosts.addresses.join(), `${task}`, `${patienceSeconds}`],
  ];
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "inherit" }).spawn();
  const [seen, kept] = child.stdout.tee();
  const trains = async () => {
    for await (const text of seen.pipeThrough(new TextDecoderStream())) {
      if (/epoch/.test(text)) return;
    }
  };
  return { child, trains, said: toText(kept) };
}

/** A test of programs on two simulated machines that train. */
function hostsTest(
  name: string,
  patienceSeconds: number,
  test: (hosts: Hosts, programs: ReturnType<typeof start>[]) => Promise<void>,
) {
  Deno.test({
    name,
    ...withProcesses,
    async fn() {
      await using hosts = await Hosts.make(2);
      if (hosts === undefined) return console.warn("SKIPPED: tests of simulated machines");
      const programs = [0, 1].map((task) => start(hosts, task, patienceSeconds));
      try {
        await programs[1].trains();
        await test(hosts, programs);
      } finally {
        for (const { child } of programs) {
          try {
            child.kill("SIGKILL");
          } catch {
            // It has ended.
          }
          await child.status;
        }
      }
    },
  });
}

hostsTest(
  "who asks to stop on one machine stops the training on all",
  60,
  async (_hosts, programs) => {
    programs[1].child.kill("SIGTERM");
    assertMatch(await programs[0].said, /^after [1-9]\d* steps$/m);
    assertMatch(await programs[1].said, /^epoch 1$[^]*^stopped$/m);
    for (const { child } of programs) assertEquals((await child.status).code, 0);
  },
);

hostsTest("where the network is cut both sides say so in time", 4, async (hosts, programs) => {
  await hosts.setCable(1, "down");
  // A busy machine may find a process silent before the cable is cut; then the other side is gone, or says so.
  const silent =
    "has given no sign of life for 4 seconds|did not finish a sum in (4 seconds|time)|is gone";
  assertMatch(await programs[0].said, new RegExp(`^ClusterError: process .*(${silent})`, "m"));
  const unheard = "has given no sign of life for 4 seconds|did not finish a sum|is gone";
  assertMatch(await programs[1].said, new RegExp(`^ClusterError: .*(${unheard})`, "m"));
  for (const { child } of programs) assertEquals((await child.status).code, 1);
});
