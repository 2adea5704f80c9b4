/** Processes on several machines, one program each: the first leads the training. */
import { requestedThreads } from "../requests.ts";
import { cardsHere } from "./cards.ts";
import { Cluster } from "./cluster.ts";
import { NotTogetherError } from "./cluster_error.ts";
import type { Frame } from "./frames.ts";
import { backendOfClusters } from "./local.ts";
import { isOwnNetwork } from "./network.ts";
import { RemoteWorker } from "./remote_worker.ts";
import {
  type Card,
  closed,
  differenceOf,
  endpointOf,
  firstFrame,
  greeted,
  type Hello,
  type Line,
  problemWithPort,
  say,
  trySeconds,
  within,
} from "./rendezvous.ts";
import { WorkerGroup } from "./worker_group.ts";
import type { Ending } from "./worker_link.ts";
import { WorkerProcess } from "./worker_process.ts";

/** What each program is given: the same but for `task` and `threads`. */
export interface MachinesOptions {
  /** Where each process is reached, as `host:port`; the first leads. */
  addresses: readonly string[];
  /** The process's own number, from 0. */
  task: number;
  /** What must be the same in all programs. */
  card: Card;
  /** Threads of the process. Default: `TESSERA_THREADS`, or this machine's cores. */
  threads?: number;
  /** Whether others than these machines reach the network; see {@link requireTrust}. */
  trustNetwork: boolean;
  /** After so many seconds without a sign of life a process counts as lost. */
  patienceSeconds: number;
  /** So long the programs wait for one another. */
  waitSeconds: number;
  /** Says what is waited for. */
  say(line: string): void;
}

/** So long those are waited for who have not heard yet that the programs do not fit together. */
const lingerSeconds = 10;

/** A program that has come. */
interface Member {
  hello: Hello;
  line: Line;
  rest: AsyncGenerator<Frame>;
  /** Settles when it says something more, with whether it has gone instead: it is silent until the training begins. */
  isGone: Promise<boolean>;
}

/** Throws a RangeError where one is no address, or is that of another one too. */
export function requireAddresses(addresses: readonly string[]): void {
  const places = addresses.map((each) => {
    const { hostname, port } = endpointOf(each);
    return `${hostname.toLowerCase()} ${port}`;
  });
  const twice = addresses.find((_, index) => places.indexOf(places[index]) !== index);
  if (twice) throw new RangeError(`${twice} is named twice: each process needs a port of its own`);
}

/** Throws a RangeError where the addresses or the number are wrong, and a NotTogetherError without the network's trust. */
export function requireMachines({ addresses, task, trustNetwork }: MachinesOptions): void {
  requireAddresses(addresses);
  if (!(task >= 0 && task < addresses.length)) {
    throw new RangeError(`the task is ${task}, must be from 0 to ${addresses.length - 1}`);
  }
  if (trustNetwork || isOwnNetwork()) return;
  throw new NotTogetherError(
    "TensorFlow listens on every address of the machine, and whoever reaches it can read and write files: have a " +
      "firewall let in the machines of the cluster alone (docs/cluster.md), and then say --trust-network",
  );
}

export const threadsHere = (threads?: number) =>
  threads ?? requestedThreads() ?? navigator.hardwareConcurrency;

const nameOf = (task: number, address: string) => `process ${task} (${address})`;

/**
 * Waits for the programs of the other machines and has them start their workers. Throws a NotTogetherError, in all of
 * them, where one does not come or does not fit.
 */
export async function leadMachines(options: MachinesOptions): Promise<Cluster> {
  requireMachines(options);
  const backend = backendOfClusters();
  const { addresses, patienceSeconds } = options;
  const problem = problemWithPort(addresses[0]);
  if (problem) await refuse(options, problem);
  const members = await gathered(options);
  // Nobody can ask to stop before there is something to stop: it is heard once the group is there.
  const asked = Promise.withResolvers<WorkerGroup>();
  const others = members.map(({ hello, ...member }) => {
    const address = addresses[hello.task];
    const stop = () => asked.promise.then((group) => group.askToStop(address));
    return new RemoteWorker(nameOf(hello.task, address), member, stop);
  });
  others.forEach((each) => each.begin(patienceSeconds));
  const own = new WorkerProcess(0, [], { isApart: false, card: cardsHere(1)?.[0] });
  const threads = [threadsHere(options.threads), ...members.map(({ hello }) => hello.threads)];
  const { TF_Version: tensorflow, device } = backend.binding;
  const group = await WorkerGroup.across(
    { workers: [own, ...others], addresses, threads },
    { tensorflow, device, patienceSeconds },
  );
  asked.resolve(group);
  return new Cluster(group, threads[0], backend);
}

/** Where another program leads already both hear of it. Throws a NotTogetherError. */
async function refuse({ addresses, card }: MachinesOptions, problem: string): Promise<never> {
  const hello: Hello = { kind: "hello", task: 0, size: addresses.length, threads: 1, card };
  let end: Ending = { outcome: "failed" };
  try {
    const connection = await within(trySeconds, Deno.connect(endpointOf(addresses[0])));
    const line = await greeted(connection, addresses[0]);
    await say(line, hello);
    const [{ header }] = await firstFrame(line);
    end = header as unknown as Ending;
    closed(connection);
  } catch {
    // It is another program that has the port.
  }
  throw new NotTogetherError(end.message ?? `task 0 (${addresses[0]}): ${problem}`);
}

/** The other programs, in the order of their numbers, once all have come. */
async function gathered(
  { addresses, card, waitSeconds, say: tell }: MachinesOptions,
): Promise<Member[]> {
  const listener = listen(addresses[0]);
  const members = new Map<number, Member>();
  const missing = () =>
    addresses.flatMap((address, task) => task > 0 && !members.has(task) ? [address] : []);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const all = Promise.withResolvers<void>();
  if (missing().length === 0) all.resolve();
  else tell(`waits for ${missing().join(", ")}`);
  const timer = setTimeout(() => {
    lastCame.resolve();
    const who = missing().join(", ");
    failed.reject(new NotTogetherError(`${who} did not come in ${waitSeconds} seconds`));
  }, waitSeconds * 1000);
  /** Whose lines: also those who came and do not fit hear why. */
  const lines: Line[] = [];
  const lastCame = Promise.withResolvers<void>();
  let isComplete = false;
  const take = async (connection: Deno.Conn) => {
    const member = await introduced(connection);
    if (member === undefined) return; // some other program, of which nobody needs to know
    const { task } = member.hello;
    lines.push(member.line);
    if (lines.length >= addresses.length - 1) lastCame.resolve();
    const problem = members.has(task) || task === 0
      ? `two programs have task number ${task}`
      : problemOf(member.hello, { addresses, card });
    if (problem) return failed.reject(new NotTogetherError(problem));
    members.set(task, member);
    isComplete = missing().length === 0;
    if (isComplete) return all.resolve();
    if (!await member.isGone || isComplete) return;
    // Whoever stops it while it waits may start it again.
    members.delete(task);
    lines.splice(lines.indexOf(member.line), 1);
    closed(connection);
    tell(`waits for ${missing().join(", ")}: ${addresses[task]} has gone again`);
  };
  const accept = async () => {
    for await (const connection of listener) take(connection).catch(failed.reject);
  };
  accept().catch(() => {}); // the listener was closed
  try {
    await Promise.race([all.promise, failed.promise]);
    return [...members.values()].sort((a, b) => a.hello.task - b.hello.task);
  } catch (error) {
    isComplete = true; // nobody is waited for any more
    // Who comes a little later would wait long for somebody who has ended.
    await within(lingerSeconds, lastCame.promise).catch(() => {});
    const { message } = error as Error;
    const told = (line: Line) => say(line, { kind: "end", outcome: "failed", message });
    await Promise.all(lines.map((line) => told(line).catch(() => {})));
    for (const { connection } of lines) closed(connection);
    throw error;
  } finally {
    clearTimeout(timer);
    listener.close(); // TensorFlow takes the port over
  }
}

/** Some systems know their own name as a loopback address, at which no other machine reaches them. */
function listen(address: string): Deno.TcpListener {
  const { hostname, port } = endpointOf(address);
  const listener = Deno.listen({ hostname, port });
  const isOwnName = !/^(localhost|127\.|::1)/.test(hostname);
  if (!isOwnName || !listener.addr.hostname.startsWith("127.")) return listener;
  listener.close();
  return Deno.listen({ hostname: "0.0.0.0", port });
}

/** Who has connected; undefined where it is no Tessera. */
async function introduced(connection: Deno.Conn): Promise<Member | undefined> {
  try {
    const line = await greeted(connection, "the other end");
    const [{ header }, rest] = await firstFrame(line);
    const next = rest.next();
    const isGone = next.then(({ done }) => done === true, () => true);
    return { hello: header as unknown as Hello, line, rest: from(next, rest), isGone };
  } catch {
    return undefined;
  }
}

/** All frames, of which the next one is read already. */
async function* from(
  next: Promise<IteratorResult<Frame>>,
  rest: AsyncGenerator<Frame>,
): AsyncGenerator<Frame> {
  const { value, done } = await next;
  if (done) return;
  yield value;
  yield* rest;
}

/** Why a program cannot take part; empty where it can. */
function problemOf(
  { task, size, card: other, problem }: Hello,
  { addresses, card }: Pick<MachinesOptions, "addresses" | "card">,
): string {
  if (size !== addresses.length) {
    return `task ${task} was told of ${size} processes, task 0 of ${addresses.length}`;
  }
  const name = `task ${task} (${addresses[task]})`;
  if (problem) return `${name}: ${problem}`;
  const difference = differenceOf(card, other);
  return difference && `${name} ${difference}`;
}
