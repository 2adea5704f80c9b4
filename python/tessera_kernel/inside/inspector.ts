/**
 * Opens V8's inspector for the door alone. It can run any code and tells its address to every user of
 * the machine, so all of this happens in one synchronous stretch: no message that comes meanwhile is
 * served, and at its end nothing but the door's connection is left.
 */
import inspector from "node:inspector";
import { closePorts } from "./ports.ts";

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
  const joined = new Map([[Number(new URL(url).port), doorPort]]);
  const { isClosed, others } = closePorts(joined, "unread");
  return { isSafe: isClosed && others === 0 };
}

const local = "127.0.0.1";
const portsTried = 50;

function listen(port: number, more: number): void {
  try {
    inspector.open(port, local);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse) || more === 0) throw error;
    listen(port + 1, more - 1);
  }
}
