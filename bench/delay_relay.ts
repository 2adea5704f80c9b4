/**
 * Passes connections on and lets each way take longer: `delay_relay.ts LISTEN TARGET MICROSECONDS`, with addresses as
 * `host:port`. This system's kernel delays nothing by itself.
 */
import { endpointOf } from "../lib/tensor/cluster/rendezvous.ts";

const [from, to, delay] = Deno.args;
const microseconds = Number(delay);
const libc = Deno.dlopen("libc.so.6", {
  // Timers count whole milliseconds.
  usleep: { parameters: ["u32"], result: "i32", nonblocking: true },
});

/** What came at a time leaves so much later, in order, however much is on its way. */
async function pass(source: Deno.TcpConn, target: Deno.TcpConn): Promise<void> {
  const queue: { bytes: Uint8Array; due: number }[] = [];
  let wake = () => {};
  let isOver = false;
  const send = async () => {
    while (!isOver || queue.length > 0) {
      const next = queue.shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => wake = resolve);
        continue;
      }
      const rest = Math.round((next.due - performance.now()) * 1000);
      if (rest > 0) await libc.symbols.usleep(rest);
      for (let at = 0; at < next.bytes.length;) at += await target.write(next.bytes.subarray(at));
    }
  };
  const sending = send().catch(() => {});
  for (;;) {
    const bytes = new Uint8Array(256 * 1024);
    const count = await source.read(bytes).catch(() => null);
    if (count === null) break;
    queue.push({ bytes: bytes.subarray(0, count), due: performance.now() + microseconds / 1000 });
    wake();
  }
  isOver = true;
  wake();
  await sending;
  for (const each of [source, target]) {
    try {
      each.close();
    } catch {
      // The other way has closed it.
    }
  }
}

const listener = Deno.listen(endpointOf(from));
console.log("ready");
for await (const source of listener) {
  (async () => {
    const target = await Deno.connect(endpointOf(to));
    for (const each of [source, target]) each.setNoDelay(true);
    await Promise.all([pass(source, target), pass(target, source)]);
  })().catch(() => {});
}
