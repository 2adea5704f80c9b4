/**
 * Opens V8's inspector for the door alone. It can run any code and tells its address to every user of
 * the machine, so all of this happens in one synchronous stretch: no message that comes meanwhile is
 * served, and at its end nothing but the door's connection is left. The inspector has no way to close its
 * port and keep a connection; the port's descriptor is replaced by a socket that nobody can reach. It has to
 * listen all the same: Deno may be about to accept who joined last, and asks without end where that is an error.
 */
import inspector from "node:inspector";

export interface Opened {
  /** Others had joined before the port was closed: what they sent would be served next. */
  isSafe: boolean;
}

/**
 * `join` hands the address to the door and returns the port from which the door has joined. With `keepAt`
 * the port stays open for debuggers: that one, or where other kernels have it, one of the next.
 */
export function openInspector(join: (url: string) => number, keepAt?: number): Opened {
  listen(keepAt ?? 0, keepAt === undefined ? 0 : portsTried);
  const url = inspector.url()!;
  const doorPort = join(url);
  if (keepAt !== undefined) return { isSafe: true };
  return closeTo(Number(new URL(url).port), doorPort);
}

const local = "127.0.0.1";
const portsTried = 50;
/** Deno has opened few by now, and systems give out the lowest free number. */
const descriptors = 256;
const looks = 4;
const lookMilliseconds = 2;

function listen(port: number, more: number): void {
  try {
    inspector.open(port, local);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse) || more === 0) throw error;
    listen(port + 1, more - 1);
  }
}

function closeTo(inspectorPort: number, doorPort: number): Opened {
  const libc = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    // A variable argument comes in the third register, or as on Macs with ARM on the stack, after eight.
    fcntl: { parameters: Array<"i32">(9).fill("i32"), result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = libc;
  /** The sockets at one end of which the inspector's port is: descriptors with their other ends. */
  const sockets = function* (): Generator<[descriptor: number, peer: string | undefined]> {
    for (let descriptor = 3; descriptor < descriptors; descriptor++) {
      if (addressOf(symbols.getsockname, descriptor) === `${local}:${inspectorPort}`) {
        yield [descriptor, addressOf(symbols.getpeername, descriptor)];
      }
    }
  };
  const unused = unreachableListener(symbols);
  let isClosed = false, others = 0;
  for (const [descriptor, peer] of sockets()) {
    if (peer !== undefined) continue;
    symbols.dup2(unused, descriptor);
    isClosed = true;
  }
  // Only now, and again: what was being accepted when the port closed gets its descriptor late.
  for (let look = 0; look < looks; look++) {
    for (const [descriptor, peer] of sockets()) {
      if (peer === `${local}:${doorPort}`) continue;
      symbols.dup2(unused, descriptor);
      others++;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookMilliseconds);
  }
  symbols.close(unused);
  libc.close();
  return { isSafe: isClosed && others === 0 };
}

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
  const path = new TextEncoder().encode(`${folder}/inspector\0`);
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
