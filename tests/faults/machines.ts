/**
 * Lets a training on several simulated machines come to harm in every way: all programs say so within half a minute,
 * none hangs, and the training goes on from its last checkpoint, with another number of machines too.
 */
import { readCheckpointInfo } from "../../lib/training/checkpoint.ts";
import { Hosts, port } from "../tensor/cluster/hosts.ts";
import { Draw } from "./draw.ts";
import { onSmallDisk } from "./small_disk.ts";

export interface HarmedMachines {
  /** For each harm, how many seconds passed until all programs had ended. */
  seconds: Record<string, number>;
  /** How often a process was killed at a random moment. */
  kills: number;
  /** What was not as it should be, in words. */
  faults: string[];
}

/** As `./tessera train` has it. */
const patienceSeconds = 20;
/** So long it may take until all have ended. */
const longestSeconds = 30;

const repository = new URL("../../", import.meta.url).pathname;
const program = `${repository}tests/tensor/cluster/machine_program.ts`;

interface Settings {
  size: number;
  folder: string;
  /** Where it is not this program's turn to fit. */
  card?: string;
  /** The number that it says it has. */
  as?: number;
  kilobytes?: number;
}

/** A program of a simulated machine. */
class Program {
  readonly child: Deno.ChildProcess;
  readonly ended: Promise<Deno.CommandStatus>;
  said = "";
  #onText = () => {};

  constructor(hosts: Hosts, host: number, { size, folder, card, as = host, kilobytes }: Settings) {
    const addresses = hosts.addresses.slice(0, size).join();
    const train = [
      ...[Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
      ...["--config", `${repository}deno.json`, program, addresses, `${as}`, `${patienceSeconds}`],
      ...[folder, ...(card ? [card] : [])],
    ];
    const disk = kilobytes && onSmallDisk({ folder, kilobytes }, train);
    const inner = disk ? [disk.command, ...disk.args] : train;
    const [command, ...args] = [...hosts.on(host), ...inner];
    this.child = new Deno.Command(command, { args, stdout: "piped", stderr: "null" }).spawn();
    this.ended = this.#read();
  }

  /** Waits until it has said something; false where it ends before. */
  async says(words: RegExp): Promise<boolean> {
    while (!words.test(this.said)) {
      const more = new Promise<void>((resolve) => this.#onText = resolve);
      if (await Promise.race([more, this.ended]) && !words.test(this.said)) return false;
    }
    return true;
  }

  /** The step that a number was said of last. */
  stepOf(word: "from" | "saved"): number {
    return Number(
      this.said.match(new RegExp(`^${word} (\\d+)$`, "gm"))?.at(-1)?.split(" ")[1] ?? 0,
    );
  }

  /** The number in the system of the worker that it has started. */
  worker(): number | undefined {
    const { pid } = this.child;
    try {
      const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
      return children ? Number(children.split(" ")[0]) : undefined;
    } catch {
      return undefined; // it has ended
    }
  }

  kill(signal: Deno.Signal): void {
    killed(this.child.pid, signal);
  }

  async #read(): Promise<Deno.CommandStatus> {
    for await (const text of this.child.stdout.pipeThrough(new TextDecoderStream())) {
      this.said += text;
      this.#onText();
    }
    return await this.child.status;
  }
}

function killed(pid: number, signal: Deno.Signal = "SIGKILL"): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Writes a file until its disk is full. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const bytes = new Uint8Array(1024);
  while (await file.write(bytes).catch(() => 0) > 0);
}

/** What happens to a training on two machines that is under way; gives a program that can say nothing of it. */
type Harm = (programs: Program[], hosts: Hosts) => Promise<Program | void> | Program | void;

const harms: Record<string, Harm> = {
  "kill -9 of task 1's worker": ([, other]) => killed(other.worker()!),
  "kill -9 of task 0's worker": ([first]) => killed(first.worker()!),
  "kill -9 of task 1": ([, other]) => (other.kill("SIGKILL"), other),
  "kill -9 of task 0": ([first]) => (first.kill("SIGKILL"), first),
  "SIGSTOP of task 1's worker": ([, other]) => killed(other.worker()!, "SIGSTOP"),
  "SIGSTOP of task 1": ([, other]) => (other.kill("SIGSTOP"), other),
  "SIGSTOP of task 0": ([first]) => (first.kill("SIGSTOP"), first),
  "task 1's cable cut": (_programs, hosts) => hosts.setCable(1, "down"),
  "task 0's cable cut": (_programs, hosts) => hosts.setCable(0, "down"),
};

/** What keeps programs from training together, and what all of them say. */
const misfits: Record<string, { programs: Partial<Settings>[]; says: RegExp; taken?: number }> = {
  "another model": { programs: [{}, { card: "other" }], says: /another recipe other, task 0 has/ },
  "a task number twice": {
    programs: [{ size: 3 }, { size: 3 }, { size: 3, as: 1 }],
    says: /two programs have task number 1|10\.77\.0\.2 is no address of this machine/,
  },
  "task 1's port taken": { programs: [{}, {}], says: /port 9001 is taken/, taken: 1 },
  "task 0's port taken": {
    programs: [{}, {}],
    says: /port 9001 is taken|another program has that port/,
    taken: 0,
  },
};

export class Machines implements AsyncDisposable {
  readonly faults: string[] = [];
  readonly seconds: Record<string, number> = {};
  kills = 0;
  readonly #hosts: Hosts;
  readonly #folder: string;
  readonly #programs: Program[] = [];

  private constructor(hosts: Hosts, folder: string) {
    this.#hosts = hosts;
    this.#folder = folder;
  }

  /** Throws an Error where the system allows no simulated machines. */
  static async make(): Promise<Machines> {
    const hosts = await Hosts.make(3);
    if (hosts === undefined) {
      throw new Error("this system allows no network namespaces (unshare --net)");
    }
    return new Machines(hosts, await Deno.makeTempDir({ prefix: "tessera-machines-" }));
  }

  /** Harms a training that is under way. */
  async harm(name: string): Promise<void> {
    const programs = this.#start([{ size: 2 }, { size: 2 }]);
    if (!await programs[1].says(/epoch/)) return this.#fault(name, programs, "did not begin");
    const begun = performance.now();
    const silent = await harms[name](programs, this.#hosts);
    await this.#expect(name, programs.filter((each) => each !== silent), /Error: /, begun);
    silent?.kill("SIGCONT");
    await this.#end();
    for (const host of [0, 1]) await this.#hosts.setCable(host, "up");
    await this.#expectCheckpoint(name, programs);
  }

  /** Starts programs that do not fit together. */
  async misfit(name: string): Promise<void> {
    const { programs, says, taken } = misfits[name];
    const holder = taken === undefined ? undefined : await this.#takePort(taken);
    const begun = performance.now();
    const started = this.#start(programs.map((own) => ({ size: 2, ...own })));
    await this.#expect(name, started, says, begun);
    holder?.kill("SIGKILL");
    await holder?.status;
    await this.#end();
  }

  /** Lets a disk run full under the checkpoints of a training that is under way. */
  async fullDisk(): Promise<void> {
    const name = "task 0's disk full";
    const folder = `${this.#folder}/disk`;
    await Deno.mkdir(folder, { recursive: true });
    const programs = this.#start([{ size: 2, folder, kilobytes: 1024 }, { size: 2 }]);
    if (!await programs[1].says(/epoch/)) return this.#fault(name, programs, "did not begin");
    const begun = performance.now();
    await fill(`/proc/${programs[0].child.pid}/root${folder}/other`);
    await this.#expect(name, programs, /Error: .*(space|full|written)/i, begun);
    await this.#end();
  }

  /** Kills processes at random moments; each start has another number of machines. */
  async killAtRandom(count: number, seed: number): Promise<void> {
    const draw = new Draw(seed);
    let known = 0;
    for (let round = 0; round < count; round++) {
      const size = 2 + draw.below(2);
      const programs = this.#start(Array.from({ length: size }, () => ({ size })));
      const victim = programs[draw.below(size)];
      const isWorker = draw.below(2) === 0;
      // From the start of the programs to some epochs of the training.
      if (draw.below(4) > 0) await programs[0].says(/^from/m);
      await new Promise((resolve) => setTimeout(resolve, draw.below(1500)));
      killed((isWorker ? victim.worker() : undefined) ?? victim.child.pid);
      this.kills++;
      const others = programs.filter((each) => each !== victim);
      // Who had not met the killed one yet waits for its next start.
      const hadBegun = programs[0].says(/^from/m);
      if (/^from/m.test(programs[0].said)) {
        await this.#expect(`kill ${round + 1}`, others, /Error: /, performance.now());
      }
      await this.#end();
      await hadBegun;
      const from = /^from/m.test(programs[0].said) ? programs[0].stepOf("from") : known;
      if (from < known) {
        this.faults.push(`kill ${round + 1}: went on from ${from}, though ${known} was saved`);
      }
      known = Math.max(known, programs[0].stepOf("saved"));
    }
    const programs = this.#start([{ size: 3 }, { size: 3 }, { size: 3 }]);
    if (!await programs[2].says(/epoch/) || programs[0].stepOf("from") < known) {
      this.#fault("after all kills", programs, `did not go on from step ${known}`);
    }
    await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.#hosts[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #start(all: (Partial<Settings> & { size: number })[]): Program[] {
    const folder = `${this.#folder}/run`;
    const started = all.map((own, host) => new Program(this.#hosts, host, { folder, ...own }));
    this.#programs.push(...started);
    return started;
  }

  /** All of these end in time, by themselves, with an error in one line. */
  async #expect(name: string, programs: Program[], says: RegExp, begun: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, (longestSeconds + 15) * 1000);
    await Promise.race([late.promise, Promise.all(programs.map(({ ended }) => ended))]);
    clearTimeout(timer);
    const seconds = (performance.now() - begun) / 1000;
    this.seconds[name] = seconds;
    if (seconds > longestSeconds) this.#fault(name, programs, `took ${seconds.toFixed(0)} seconds`);
    const wrong = programs.filter(({ said }) => !says.test(said));
    if (wrong.length > 0) this.#fault(name, wrong, "did not say what it should");
  }

  async #expectCheckpoint(name: string, programs: Program[]): Promise<void> {
    const { position } = await readCheckpointInfo(`${this.#folder}/run/last.safetensors`);
    const { step } = position as { step: number };
    const said = programs[0].stepOf("saved");
    if (step < said) this.#fault(name, programs, `step ${step} is on the disk, ${said} was said`);
  }

  #fault(name: string, programs: readonly Program[], what: string): void {
    const said = programs.map(({ said }) => said.trim().split("\n").slice(-2).join(" / "));
    this.faults.push(`${name}: ${what}; the programs said: ${said.join(" | ")}`);
  }

  async #takePort(host: number): Promise<Deno.ChildProcess> {
    const listen = `for await (const each of Deno.listen({ port: ${port} })) each.close();`;
    const [command, ...args] = [...this.#hosts.on(host), Deno.execPath(), "eval", listen];
    const holder = new Deno.Command(command, { args }).spawn();
    const isTaken = () => Deno.readTextFile(`/proc/${holder.pid}/net/tcp`);
    while (!(await isTaken()).includes(`:${port.toString(16).toUpperCase()}`)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return holder;
  }

  async #end(): Promise<void> {
    for (const each of this.#programs) {
      const worker = each.worker();
      each.kill("SIGKILL");
      if (worker) killed(worker);
    }
    await Promise.all(this.#programs.splice(0).map(({ ended }) => ended));
  }
}

/** Tries every harm once, and kills at `kills` random moments; a seed has the same ones again. */
export async function harmMachines(
  { kills, seed, isQuick, say = () => {} }: {
    kills: number;
    seed: number;
    /** Leaves out what takes as long as a process may be silent. */
    isQuick: boolean;
    say?: (line: string) => void;
  },
): Promise<HarmedMachines> {
  await using machines = await Machines.make();
  const tell = (name: string) =>
    say(
      `${name}: ${machines.seconds[name]?.toFixed(1) ?? "–"} s, ${machines.faults.length} faults`,
    );
  for (const name of Object.keys(harms)) {
    if (isQuick && /SIGSTOP|cable/.test(name)) continue;
    await machines.harm(name);
    tell(name);
  }
  for (const name of Object.keys(misfits)) {
    await machines.misfit(name);
    tell(name);
  }
  await machines.fullDisk();
  tell("task 0's disk full");
  await machines.killAtRandom(kills, seed);
  const { faults } = machines;
  const names = Object.entries(machines.seconds).filter(([name]) => !/^kill \d+$/.test(name));
  return { seconds: Object.fromEntries(names), kills: machines.kills, faults };
}
