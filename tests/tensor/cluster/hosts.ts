/** Simulated machines: network namespaces, each with an address of its own, joined by a switch. */
import { type OwnNetwork, ownNetwork } from "../../../lib/tensor/cluster/network.ts";

/** Every machine's process listens there. */
export const port = 9001;

export class Hosts implements AsyncDisposable {
  readonly #network: OwnNetwork;
  /** A program in each namespace, which lives as long as that: the switch's, then the hosts'. */
  readonly #holders: Deno.ChildProcess[] = [];

  private constructor(network: OwnNetwork) {
    this.#network = network;
  }

  /** Makes so many; undefined where the system does not allow it. */
  static async make(count: number): Promise<Hosts | undefined> {
    const network = await ownNetwork();
    if (network === undefined) return undefined;
    const hosts = new Hosts(network);
    try {
      await hosts.#make(count);
      return hosts;
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      console.warn(`No simulated machines: ${(error as Error).message}`);
      return undefined;
    }
  }

  get addresses(): string[] {
    return this.#holders.slice(1).map((_, host) => `${this.ipOf(host)}:${port}`);
  }

  ipOf(host: number): string {
    return `10.77.0.${host + 1}`;
  }

  /** What stands before a command so that it runs on a host. */
  on(host: number): readonly string[] {
    return this.#network.join(this.#holders[host + 1].pid);
  }

  /** Cuts a host's cable, or mends it. */
  async setCable(host: number, state: "up" | "down"): Promise<void> {
    await run([...this.on(host), "ip", "link", "set", "eth0", state]);
  }

  /** Lets a host send no faster; as fast as it can without a rate. */
  async setRate(host: number, gigabits?: number): Promise<void> {
    const queue = [...this.on(host), "tc", "qdisc"];
    if (gigabits === undefined) {
      await run([...queue, "delete", "dev", "eth0", "root"]).catch(() => {}); // it had none
      return;
    }
    const bucket = ["rate", `${gigabits}gbit`, "burst", "256kb", "latency", "50ms"];
    await run([...queue, "replace", "dev", "eth0", "root", "tbf", ...bucket]);
  }

  /** Gives a host one more address, which no other reaches. */
  async addAddress(host: number, address: string): Promise<void> {
    await run([...this.on(host), "ip", "addr", "replace", `${address}/32`, "dev", "lo"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.#holders) {
      holder.kill("SIGKILL");
      await holder.status;
    }
  }

  async #make(count: number): Promise<void> {
    const hub = this.#hold(this.#network.make);
    await isApart(hub.pid, Deno.pid);
    const inHub = this.#network.join(hub.pid);
    await run([...inHub, "ip", "link", "add", "hub", "type", "bridge"]);
    await run([...inHub, "ip", "link", "set", "hub", "up"]);
    for (let host = 0; host < count; host++) {
      const { pid } = this.#hold([...inHub, "unshare", "--net"]);
      await isApart(pid, hub.pid);
      const plug = `plug${host}`;
      const cable = ["type", "veth", "peer", "name", "eth0", "netns", `${pid}`];
      await run([...inHub, "ip", "link", "add", plug, ...cable]);
      await run([...inHub, "ip", "link", "set", plug, "master", "hub", "up"]);
      const inHost = this.on(host);
      await run([...inHost, "ip", "addr", "add", `${this.ipOf(host)}/24`, "dev", "eth0"]);
      for (const device of ["lo", "eth0"]) {
        await run([...inHost, "ip", "link", "set", device, "up"]);
      }
    }
  }

  #hold([command, ...args]: readonly string[]): Deno.ChildProcess {
    const holder = new Deno.Command(command, {
      args: [...args, "sleep", "infinity"],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    this.#holders.push(holder);
    return holder;
  }
}

/** Waits until a program has a network namespace other than another program's. */
async function isApart(pid: number, other: number): Promise<void> {
  const of = (pid: number) => Deno.readLink(`/proc/${pid}/ns/net`).catch(() => "");
  for (let tries = 0; tries < 200; tries++) {
    // The last program of the chain is there once it bears its name.
    const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "");
    if (name.trim() === "sleep" && await of(pid) !== await of(other)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("a network namespace was not made");
}

async function run([command, ...args]: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
