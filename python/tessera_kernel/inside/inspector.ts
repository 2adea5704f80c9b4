/**
 * Opens V8's inspector for the door alone. It can run any code and tells its address to every user of
 * the machine, so all of this happens in one synchronous stretch: no message that comes meanwhile is
 * served, and at its end nothing but the door's connection is left. The inspector has no way to close its
 * port and keep a connection; the port's descriptor is replaced by a socket that listens to nothing.
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

const portsTried = 50;

function listen(port: number, more: number): void {
  try {
    inspector.open(port, "127.0.0.1");
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
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = libc;
  type Ask = (
    descriptor: number,
    address: Uint8Array<ArrayBuffer>,
    size: Uint32Array<ArrayBuffer>,
  ) => number;
  /** The port of an IPv4 address, whose two bytes come after the family's. */
  const portOf = (ask: Ask, descriptor: number) => {
    const address = new Uint8Array(128);
    const isKnown = ask(descriptor, address, new Uint32Array([address.length])) === 0;
    return isKnown ? new DataView(address.buffer).getUint16(2) : undefined;
  };
  const unixStream = [1, 1, 0] as const; // AF_UNIX, SOCK_STREAM
  const unused = symbols.socket(...unixStream);
  let isClosed = false, others = 0;
  for (let descriptor = 3; descriptor < 1024; descriptor++) {
    if (portOf(symbols.getsockname, descriptor) !== inspectorPort) continue;
    const peer = portOf(symbols.getpeername, descriptor);
    if (peer === doorPort) continue;
    symbols.dup2(unused, descriptor);
    if (peer === undefined) isClosed = true;
    else others++;
  }
  symbols.close(unused);
  libc.close();
  return { isSafe: isClosed && others === 0 };
}
