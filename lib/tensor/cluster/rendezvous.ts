/**
 * How the programs of several machines find one another: all but the first connect to the first's address, say who
 * they are, and hear whether all fit together. The port is TensorFlow's own, which it takes over once all have come;
 * the connections stay. A greeting that no other server gives comes first, from both sides.
 */
import { ClusterError, NotTogetherError } from "./cluster_error.ts";
import { type Frame, frames, FrameWriter } from "./frames.ts";
import type { Ending } from "./worker_link.ts";

/** What must be the same in all programs: names, and values in words. The first that differs is told. */
export type Card = Readonly<Record<string, string>>;

/** What a program says of itself. */
export interface Hello {
  kind: "hello";
  task: number;
  /** The number of processes that it was told of. */
  size: number;
  threads: number;
  card: Card;
  /** Why it cannot take part. */
  problem?: string;
}

/** What the first program says to another, beside requests to its worker. */
export type Notice =
  | { kind: "begin" }
  /** A sign of life while workers start, which takes long where a disk is slow; the other answers with one. */
  | { kind: "alive" }
  | { kind: "say"; line: string }
  | ({ kind: "end" } & Ending);

/** What another program says to the first, beside its worker's answers. */
export type Report =
  | Hello
  | { kind: "alive" }
  | { kind: "stop" }
  | { kind: "lost"; message: string };

/** A connection between two programs. */
export interface Line {
  connection: Deno.Conn;
  writer: FrameWriter;
}

/** Nothing but Tessera says this. */
const greeting = new TextEncoder().encode("tessera cluster\n");
/** A program that does not greet for so long is another one. */
const greetingSeconds = 10;
/** One try to connect may take so long: an address that nobody has does not answer. */
export const trySeconds = 10;

/** Where a process is reached. Throws a RangeError where the text is not `host:port`. */
export function endpointOf(address: string): { hostname: string; port: number } {
  const [, hostname, port] = /^(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(address) ?? [];
  if (!hostname || Number(port) < 1 || Number(port) > 65_535) {
    throw new RangeError(`"${address}" is no address: host:port, as in hostA:9001`);
  }
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Greets, and waits for the greeting. Throws a ClusterError where another program is at the other end. */
export async function greeted(connection: Deno.Conn, who: string): Promise<Line> {
  try {
    const heard = async () => {
      await connection.write(greeting);
      const bytes = new Uint8Array(greeting.length);
      for (let at = 0; at < bytes.length;) {
        const count = await connection.read(bytes.subarray(at));
        if (count === null) return false;
        at += count;
      }
      return bytes.every((byte, at) => byte === greeting[at]);
    };
    if (await within(greetingSeconds, heard())) {
      return { connection, writer: new FrameWriter(connection.writable) };
    }
  } catch {
    // It has hung up, or says nothing.
  }
  closed(connection);
  throw new NotTogetherError(
    `at ${who} there is no Tessera that waits for others: another program has that port, or the training there ` +
      "has begun",
  );
}

/** The first frame of a connection in time, and all after it. Throws a ClusterError where none comes. */
export async function firstFrame(
  { connection }: Line,
  seconds = greetingSeconds,
): Promise<[Frame, AsyncGenerator<Frame>]> {
  const all = frames(connection.readable);
  const { value } = await within(seconds, all.next());
  if (value === undefined) throw new NotTogetherError("the connection ended");
  return [value, all];
}

/** Throws a ClusterError where a promise takes longer. */
export async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const error = new NotTogetherError(`no answer in ${seconds} seconds`);
  const timer = setTimeout(late.reject, seconds * 1000, error);
  promise.catch(() => {}); // where it is late nobody hears of it
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How another program's card differs from the first's, as a sentence goes on after its name; empty where it does not.
 * What begins with "--" is an option that was given or was not, "true" or "false".
 */
export function differenceOf(first: Card, other: Card): string {
  for (const name of Object.keys({ ...first, ...other })) {
    if (first[name] === other[name]) continue;
    if (name.startsWith("--")) {
      return other[name] === "true"
        ? `was started with ${name}, task 0 without it`
        : `was started without ${name}, task 0 with it`;
    }
    return `has another ${name} ${other[name] ?? "(none)"}, task 0 has ${first[name] ?? "(none)"}`;
  }
  return "";
}

/** Closes a connection that may be closed already. */
export function closed(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was.
  }
}

/** How a training ended. Throws a ClusterError where it failed. */
export function outcomeOf(end: Ending): Ending["outcome"] {
  if (end.outcome === "failed") throw new ClusterError(end.message ?? "the training failed");
  return end.outcome;
}

/** Why TensorFlow could not listen at an address; undefined where it could. */
export function problemWithPort(address: string): string | undefined {
  const endpoint = endpointOf(address);
  try {
    Deno.listen(endpoint).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return `port ${endpoint.port} is taken`;
    if (error instanceof Deno.errors.AddrNotAvailable) {
      return `${endpoint.hostname} is no address of this machine: is its task number right?`;
    }
    return `cannot listen at ${address}: ${(error as Error).message}`;
  }
}

/** Says something to the program at the other end. */
export async function say(line: Line, header: Report | Notice): Promise<void> {
  await line.writer.write({ header: { ...header }, payloads: [] });
}
