/** A person who uses an installation: a user with a folder of their own, in which nothing is lying about. */
import { join } from "node:path";

export interface Said {
  code: number;
  said: string;
}

export class Person {
  /** The folder of the user, not the home of the course. */
  readonly folder: string;

  /** `uid`: as which user to run; undefined for the one who runs the tests. */
  constructor(
    readonly name: string,
    options: { parent: string; installation: string; uid?: number },
  ) {
    this.folder = join(options.parent, name);
    this.#installation = options.installation;
    this.#uid = options.uid;
  }

  readonly #installation: string;
  readonly #uid?: number;

  /** Whether it is another user than the one who runs the tests. */
  get isUser(): boolean {
    return this.#uid !== undefined;
  }

  /** A file that strace adds every call on a path to; undefined to leave it alone, which is faster. */
  trace?: string;

  /** Makes the user's folder. */
  async moveIn(): Promise<void> {
    await Deno.mkdir(this.folder, { mode: 0o700 });
    if (this.#uid !== undefined) await Deno.chown(this.folder, this.#uid, this.#uid);
  }

  /** Runs a program in a folder; `$COURSE` is the installation. */
  async run(program: readonly string[], from: string, env = {}): Promise<Said> {
    const { code, stdout, stderr } = await this.#command(program, from, env).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { code, said };
  }

  /** Runs a line of shell. */
  shell(line: string, from: string, env = {}): Promise<Said> {
    return this.run(["sh", "-c", line], from, env);
  }

  /** Starts a server, waits until it says its address, lets `use` have it, and ends it. */
  async serve(
    program: readonly string[],
    from: string,
    use: (address: string) => Promise<void>,
  ): Promise<void> {
    // `timeout` passes its end on to all that it has started.
    const limited = ["timeout", "--signal=TERM", "600", ...program];
    const child = this.#command(limited, from, {}).spawn();
    let said = "";
    const decoder = new TextDecoder();
    const reading = child.stderr.pipeTo(
      new WritableStream({
        write(chunk) {
          said += decoder.decode(chunk, { stream: true });
          const address = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said)?.[0];
          if (address) found(address);
        },
      }),
    );
    let found!: (address: string) => void;
    const address = new Promise<string>((resolve) => found = resolve);
    const ended = child.status.then(() => undefined);
    const out = child.stdout.cancel();
    try {
      const first = await Promise.race([address, ended]);
      if (!first) throw new Error(`${program.join(" ")} says no address: ${said}`);
      await use(first);
    } finally {
      try {
        child.kill("SIGTERM");
      } catch {
        // it has ended by itself
      }
      await Promise.all([ended, reading, out]);
    }
  }

  #command(program: readonly string[], from: string, env: Record<string, string>): Deno.Command {
    const user = this.#uid === undefined
      ? []
      : ["setpriv", `--reuid=${this.#uid}`, `--regid=${this.#uid}`, "--clear-groups"];
    const tracer = this.trace === undefined
      ? []
      : ["strace", "-f", "-y", "-qq", "--seccomp-bpf", "-e", "trace=file", "-e", "signal=none"]
        .concat("-A", "-o", this.trace);
    const [first, ...args] = [...tracer, ...user, ...program];
    return new Deno.Command(first, {
      args,
      cwd: from,
      clearEnv: true,
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        LANG: "C.UTF-8",
        NO_COLOR: "1",
        HOME: this.folder,
        COURSE: this.#installation,
        ...inherited("TESSERA_DATA", "TESSERA_THREADS", "TESSERA_BACKEND", "TESSERA_DEVICE"),
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** What a server gives at an address, as soon as it listens. */
export async function answer(address: string): Promise<Response> {
  while (true) {
    try {
      return await fetch(address);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function inherited(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value !== undefined),
  );
}
