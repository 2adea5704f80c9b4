/**
 * Closes ports of this process to all but one connection each. Deno has no way to close a port and keep a connection:
 * the port's descriptor is replaced by a socket that nobody can reach. It has to listen all the same: Deno may be about
 * to accept who joined last, and asks without end where that is an error.
 */

/** How connections of others end: what they have sent is not read any more, or they end as if the others had left. */
export type End = "unread" | "left";

export interface Closed {
  /** Whether a port was there to be closed. */
  isClosed: boolean;
  /** How many connections of others there were, which have been ended. */
  others: number;
}

const local = "127.0.0.1";
/** Deno has opened few by now, and systems give out the lowest free number. */
const descriptors = 256;
const looks = 4;
const lookMilliseconds = 2;

/**
 * Closes ports of 127.0.0.1. `joined` has for each the port at the other end of the connection that stays; 0 where none
 * does. All of it is one synchronous stretch, in which no message is served that comes by the event loop.
 */
export function closePorts(joined: ReadonlyMap<number, number>, end: End): Closed {
  const libc = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    // A variable argument comes in the third register, or as on Macs with ARM on the stack, after eight.
    fcntl: { parameters: Array<"i32">(9).fill("i32"), result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    shutdown: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = libc;
  const places = new Map([...joined].map(([port, other]) => [`${local}:${port}`, other]));
  /** The sockets at one end of which such a port is, with their other ends, and whether that is who stays. */
  const sockets = function* (): Generator<{ descriptor: number; peer?: string; stays: boolean }> {
    for (let descriptor = 3; descriptor < descriptors; descriptor++) {
      const other = places.get(addressOf(symbols.getsockname, descriptor) ?? "");
      if (other === undefined) continue;
      const peer = addressOf(symbols.getpeername, descriptor);
      yield { descriptor, peer, stays: peer === `${local}:${other}` };
    }
  };
  const unused = unreachableListener(symbols);
  let isClosed = false;
  const others = new Set<number>();
  for (const { descriptor, peer } of sockets()) {
    if (peer !== undefined) continue;
    symbols.dup2(unused, descriptor);
    isClosed = true;
  }
  // Only now, and again: what was being accepted when the port closed gets its descriptor late.
  for (let look = 0; look < looks; look++) {
    for (const { descriptor, stays } of sockets()) {
      if (stays) continue;
      if (end === "unread") symbols.dup2(unused, descriptor);
      else symbols.shutdown(descriptor, readingAndWriting);
      others.add(descriptor);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookMilliseconds);
  }
  symbols.close(unused);
  libc.close();
  return { isClosed, others: others.size };
}

const readingAndWriting = 2;

interface SocketCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array<ArrayBuffer>, size: number): number;
  listen(descriptor: number, backlog: number): number;
  fcntl(descriptor: number, command: number, ...argument: number[]): number;
}

/**
 * A socket that listens at a path which is in a folder of this user's alone, and is gone at the return. Where it
 * cannot be bound (a temporary folder whose path is longer than an address may be) it listens to nothing.
 */
function unreachableListener({ socket, bind, listen, fcntl }: SocketCalls): number {
  const isMac = Deno.build.os === "darwin";
  const unix = 1, stream = 1, setFlags = 4, nonBlocking = isMac ? 0x4 : 0x800;
  const descriptor = socket(unix, stream, 0);
  fcntl(descriptor, setFlags, ...Array(7).fill(nonBlocking));
  const folder = Deno.makeTempDirSync({ prefix: "tessera-" });
  const path = new TextEncoder().encode(`${folder}/unused\0`);
  const family = isMac ? [2 + path.length, unix] : [unix, 0];
  const address = Uint8Array.of(...family, ...path);
  if (bind(descriptor, address, address.length) === 0) listen(descriptor, 1);
  Deno.removeSync(folder, { recursive: true });
  return descriptor;
}

type Ask = (
  descriptor: number,
  address: Uint8Array<ArrayBuffer>,
  size: Uint32Array<ArrayBuffer>,
) => number;

/** An IPv4 address as "a.b.c.d:port": its two bytes of port and four of address come after the family's. */
function addressOf(ask: Ask, descriptor: number): string | undefined {
  const bytes = new Uint8Array(128);
  if (ask(descriptor, bytes, new Uint32Array([bytes.length])) !== 0) return undefined;
  const port = new DataView(bytes.buffer).getUint16(2);
  return `${bytes.subarray(4, 8).join(".")}:${port}`;
}
