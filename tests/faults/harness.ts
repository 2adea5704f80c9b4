/**
 * Takes every command, and every file that it writes, and lets each come to harm in every way. What holds
 * afterwards: no raw stack, no file of a person lost, nothing left over beside, and the same command works.
 */
import { basename, join, relative } from "node:path";
import { commands, places } from "../../tools/places.ts";
import { dataFolder, lies, makeCourse, persons, textsIn, trials } from "../places/course.ts";
import { programOf } from "../places/installation.ts";
import { Draw } from "./draw.ts";
import { type KindName, kinds, type Tally } from "./kinds.ts";
import { hasSmallDisks } from "./small_disk.ts";

export type Results = Record<string, Partial<Record<KindName, Tally>>>;

export interface Settings {
  /** The commands that are tried. Default: all. */
  names?: readonly string[];
  /** The kinds of faults. Default: all. */
  only?: readonly KindName[];
  /** How often a command is killed, and as often asked to end. */
  moments: number;
  /** Of how many files of each place that it wrote a bit is flipped, and the end cut off. */
  files: number;
  seed: number;
  say?: (line: string) => void;
}

/** Commands that only show here that they start: tests of their own do them harm, or they write nothing. */
export const onlyStarted: Record<string, string> = {
  lab: "a server: tests/kernel/server_end_test.ts ends it in every way",
  tensorboard: "a server that writes nothing",
  uninstall: "writes nothing: tests/places/uninstall_test.ts has what it deletes",
  answers: "a server of grading's, with tests of its own",
  bench: "needs PyTorch; what it writes is written whole",
  bundle: "fetches half a gigabyte; it writes beside and renames",
  faults: "what does the harm; it writes one page, whole",
  site: "fetches JupyterLite; a new site takes the old one's place once it is whole",
};

/** Commands whose trials a command's own builds on. */
const needs: Record<string, readonly string[]> = {
  history: ["pdf"], // which takes a snapshot
  // With an update first: a hand-in lacks what has come into the course since the home was made.
  collect: ["update", "hand-in"],
  grade: ["update", "hand-in", "collect"],
  regrade: ["update", "hand-in", "collect", "grade"],
  "class-report": ["update", "hand-in", "collect", "grade"],
  "give-back": ["update", "hand-in", "collect", "grade"],
};
/** Those whose other trials refuse what they have made before. */
const firstAlone = ["release"];
/** Those whose exit code tells of the machine, which is busy here. */
const judges = ["kernel"];

/** Lines that no person should see: of a program that gave up instead of saying what is wrong. */
const rawStack =
  /^\s+at .*\((?:file|ext|node):|^\s+at (?:file|ext):|Traceback \(most recent call last\)|panicked at|Uncaught/m;
/** What writers leave beside a file until it is whole. */
const leftOver = /\.(partial|part|new)$|\.(copy|part)-[\da-f-]+$|\.unpacked$/;

interface Ended {
  code: number;
  said: string;
  milliseconds: number;
}

/** A course, its home, and how commands are run in it. */
export class Scene implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly home: string,
    readonly end: () => Promise<void>,
    readonly kept: string,
  ) {}

  static async make(): Promise<Scene> {
    const { course, home } = await makeCourse();
    const kept = await Deno.makeTempDir({ prefix: "tessera-faults-" });
    const scene = new Scene(course.folder, home, async () => {
      await course[Symbol.asyncDispose]();
      await Deno.remove(kept, { recursive: true });
    }, kept);
    await scene.keep("base");
    return scene;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** The folder of persons and their files: the course's own, and the home beside it. */
  get #folders(): [name: string, folder: string][] {
    return [["home", this.home], ["course", this.folder]];
  }

  /** Notes down how everything is now, for {@link reset}: at first, or where a command's trials begin. */
  async keep(state: "base" | "begin" = "begin"): Promise<void> {
    for (const [name, folder] of this.#folders) await mirror(folder, join(this.kept, state, name));
  }

  /** Brings everything back to what was kept. */
  async reset(state: "base" | "begin" = "begin"): Promise<void> {
    for (const [name, folder] of this.#folders) await mirror(join(this.kept, state, name), folder);
  }

  arguments(command: string, args: readonly string[]): string[] {
    return [
      ...["run", "--quiet", "--no-check", "--allow-all"],
      ...["--config", join(this.folder, "deno.json")],
      ...[join(this.folder, programOf(this.folder, command)), ...args],
    ];
  }

  /** Runs a command; `around` is a shell script that has it as "$@", `during` may end it. */
  async run(
    command: string,
    args: readonly string[],
    { around, during }: {
      around?: { script: string; values: string[] };
      during?: (child: Deno.ChildProcess) => () => void;
    } = {},
  ): Promise<Ended> {
    const call = [Deno.execPath(), ...this.arguments(command, args)];
    const [program, ...rest] = around
      ? ["unshare", "--mount", "sh", "-c", around.script, "sh", ...around.values, ...call]
      : call;
    const started = performance.now();
    const child = new Deno.Command(program, {
      args: rest,
      cwd: this.folder,
      env: {
        ...{ TESSERA_HOME: "", NO_COLOR: "1", TESSERA_QUICK: "1", TESSERA_CALLER: this.home },
        ...dataFolder(),
      },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    const stop = during?.(child);
    const [{ code }, out, complaint] = await Promise.all([
      ...[child.status, child.stdout.text(), child.stderr.text()] as const,
    ]);
    stop?.();
    return { code, said: out + complaint, milliseconds: performance.now() - started };
  }

  /** What is not as it should be after a call: stacks, lost files, and what was left beside. */
  async faultsAfter(what: string, { said }: Ended, { isMended = false } = {}): Promise<string[]> {
    const faults: string[] = [];
    const stack = rawStack.exec(said);
    if (stack) faults.push(`${what}: ends in a raw stack:\n${said.trim().slice(-1500)}`);
    for (const [where, folder] of [["home", this.home], ["installation", this.folder]] as const) {
      const texts = await textsIn(folder);
      const all = new Set(texts.values());
      for (const [path, text] of Object.entries(persons[where])) {
        if (!all.has(text)) faults.push(`${what}: lost ${path}`);
      }
      const left = [...texts.keys()].filter((path) =>
        leftOver.test(path) && !path.includes("node_modules")
      );
      if (isMended && left.length > 0) faults.push(`${what}: left ${left.join(", ")}`);
    }
    return faults;
  }
}

/** Makes one folder the same as another, links as links. */
async function mirror(from: string, to: string): Promise<void> {
  const script = 'rm -rf "$2" && mkdir -p "$2" && cp -a "$1/." "$2/"';
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", script, "sh", from, to] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Files that a command wrote, a few of each of its places, as paths; not a person's that it has moved. */
async function writtenBy(scene: Scene, command: string, count: number): Promise<string[]> {
  const written: string[] = [];
  for (
    const [where, folder, kept] of [
      ["home", scene.home, "home"],
      ["installation", scene.folder, "course"],
    ] as const
  ) {
    const known = new Set((await textsIn(join(scene.kept, "begin", kept))).values());
    const after = [...await textsIn(folder)].filter(([, text]) => !known.has(text))
      .map(([path]) => path);
    for (const name of commands[command].writes) {
      const place = places[name];
      if (place.in !== where) continue;
      const inPlace = after.filter((path) => lies(path, place) && !path.startsWith("data/decoded"));
      written.push(...inPlace.slice(0, count).map((path) => join(folder, path)));
    }
  }
  return [...new Set(written)];
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends a signal at a moment. */
function endAt(signal: Deno.Signal, milliseconds: number) {
  return (child: Deno.ChildProcess) => {
    const timer = setTimeout(() => {
      try {
        child.kill(signal);
      } catch {
        // It has just ended by itself.
      }
    }, milliseconds);
    return () => clearTimeout(timer);
  };
}

/** Tries all faults; gives what was tried and what was wrong. */
export async function tryFaults(settings: Settings): Promise<Results> {
  const { names = Object.keys(commands), only = Object.keys(kinds) as KindName[] } = settings;
  const { moments, files, seed, say = () => {} } = settings;
  const draw = new Draw(seed);
  const results: Results = {};
  const canMount = Deno.uid() === 0 && await hasSmallDisks();
  await using scene = await Scene.make();
  for (const command of names) {
    const tallies: Partial<Record<KindName, Tally>> = results[command] = {};
    const note = (kind: KindName, faults: string[]) => {
      const tally = tallies[kind] ??= { tried: 0, faults: [] };
      tally.tried++;
      tally.faults.push(...faults);
    };
    const own = trials[command].slice(0, firstAlone.includes(command) ? 1 : undefined);
    const args = own.at(-1)!;
    const called = [command, ...args].join(" ");
    await scene.reset("base");
    for (const need of needs[command] ?? []) {
      for (const each of trials[need]) await scene.run(need, each);
    }
    for (const before of own.slice(0, -1)) await scene.run(command, before);
    await scene.keep();
    const plain = await scene.run(command, args);
    if (plain.code !== 0 && !judges.includes(command)) {
      note("killed", [`${called} does not work, without any harm: ${plain.said.slice(-500)}`]);
    }
    say(`${called}: exit code ${plain.code} after ${Math.round(plain.milliseconds)} ms`);
    const written = await writtenBy(scene, command, files);

    /** The same command once more, without harm. */
    const again = async (what: string) => {
      const ended = await scene.run(command, args);
      const faults = await scene.faultsAfter(`${what}, then once more`, ended, { isMended: true });
      if (ended.code !== plain.code && !judges.includes(command)) {
        faults.push(
          `${what}: once more it ends with ${ended.code}, not ${plain.code}: ${
            ended.said.slice(-500)
          }`,
        );
      }
      return faults;
    };
    const isStarted = command in onlyStarted;
    const wanted = (kind: KindName) => only.includes(kind);
    for (
      const [kind, signals] of [
        ["killed", ["SIGKILL"]],
        ["asked", ["SIGTERM", "SIGHUP", "SIGINT"]],
      ] as const
    ) {
      for (let count = 0; wanted(kind) && count < moments; count++) {
        await scene.reset();
        const signal = signals[draw.below(signals.length)];
        const at = draw.below(Math.ceil(plain.milliseconds));
        const what = `${called}, ${signal} after ${at} ms`;
        const ended = await scene.run(command, args, { during: endAt(signal, at) });
        await sleep(kind === "killed" ? 300 : 0); // for what it has started, which ends with it
        note(kind, [...await scene.faultsAfter(what, ended), ...await again(what)]);
      }
    }
    if (wanted("twice")) {
      await scene.reset();
      const both = await Promise.all([scene.run(command, args), scene.run(command, args)]);
      const faults = await Promise.all(
        both.map((ended) => scene.faultsAfter(`${called}, twice`, ended)),
      );
      note("twice", [...faults.flat(), ...isStarted ? [] : await again(`${called}, twice`)]);
    }
    if (canMount && commands[command].writes.length > 0) {
      const folders = commands[command].writes.some((name) => places[name].in === "installation")
        ? [scene.home, scene.folder]
        : [scene.home];
      if (wanted("closed")) {
        await scene.reset();
        const script =
          'for f in "$1" "$2"; do mount --bind "$f" "$f" && mount -o remount,ro,bind "$f"; done; ' +
          'shift 2; exec "$@"';
        const values = [folders[0], folders.at(-1)!];
        const ended = await scene.run(command, args, { around: { script, values } });
        note("closed", await scene.faultsAfter(`${called}, read-only`, ended));
      }
      for (const folder of wanted("full") ? folders : []) {
        await scene.reset();
        const what = `${called}, full ${relative(join(scene.folder, ".."), folder)}`;
        // A disk with room for what is there and 20 KB more; what comes of it is brought back.
        const script = 'from=$1; copy=$2; shift 2; rm -rf "$copy"; cp -a "$from" "$copy"; ' +
          'size=$(du -sk "$copy" | cut -f1); mount -t tmpfs -o "size=$((size + 20))k" none "$from" || exit 99; ' +
          'cp -a "$copy/." "$from/"; cd "$from"; "$@"; code=$?; cd /; rm -rf "$copy"; cp -a "$from" "$copy"; exit $code';
        const copy = join(scene.kept, "full");
        const ended = await scene.run(command, args, {
          around: { script, values: [folder, copy] },
        });
        await mirror(copy, folder);
        note("full", [...await scene.faultsAfter(what, ended), ...await again(what)]);
      }
    }
    for (const kind of ["flipped", "short"] as const) {
      for (const file of wanted(kind) ? written : []) {
        await scene.reset();
        await scene.run(command, args);
        const bytes = await Deno.readFile(file).catch(() => undefined);
        if (!bytes || bytes.length === 0) continue; // named by the time
        if (kind === "flipped") bytes[draw.below(bytes.length)] ^= 1 << draw.below(8);
        // In place of the file and not into it: what is linked to it stays whole.
        await Deno.remove(file);
        await Deno.writeFile(file, kind === "short" ? bytes.subarray(0, bytes.length >> 1) : bytes);
        const ended = await scene.run(command, args);
        const what = `${called}, ${kind}: ${basename(file)}`;
        note(kind, await scene.faultsAfter(what, ended));
      }
    }
    for (const [kind, { tried, faults }] of Object.entries(tallies)) {
      if (faults.length > 0) {
        say(`  ${kind}: ${faults.length} faults in ${tried}: ${faults[0].split("\n")[0]}`);
      }
    }
  }
  return results;
}
