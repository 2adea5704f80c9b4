/** Accounts of this machine, made for a trial by root and removed after it. */
import { afterThis } from "../afterwards.ts";

export interface Account extends AsyncDisposable {
  readonly name: string;
  readonly uid: number;
  readonly password: string;
  /** The user's own folder. */
  readonly folder: string;
  /** Runs a line of shell as this user. */
  shell(line: string): Promise<{ code: number; said: string }>;
}

/** Makes an account as an administrator does. It goes with this process too, however that ends. */
export async function makeAccount(given: string): Promise<Account> {
  const name = `${given}-${crypto.randomUUID().slice(0, 4)}`;
  const password = crypto.randomUUID();
  await must(["useradd", "--create-home", "--shell", "/bin/sh", name]);
  const watcher = afterThis(remove, name);
  await must(["chpasswd"], `${name}:${password}\n`);
  const [, , uid, , , folder] = (await must(["getent", "passwd", name])).trim().split(":");
  return {
    ...{ name, password, folder, uid: Number(uid) },
    shell: (line) => run(["runuser", "--user", name, "--", "sh", "-c", line]),
    async [Symbol.asyncDispose]() {
      await must(["sh", "-c", remove, "sh", name]);
      await watcher[Symbol.asyncDispose]();
    },
  };
}

/** Ends what runs as a user, and removes the account with its folder, as soon as nothing of it runs. */
const remove = `pkill -KILL --uid "$1"
for attempt in 1 2 3 4 5 6 7 8 9; do
  userdel --force --remove "$1" 2> /dev/null && exit
  sleep 0.5
done
! getent passwd "$1" > /dev/null`;

async function must(command: readonly string[], input?: string): Promise<string> {
  const { code, said } = await run(command, input);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${said}`);
  return said;
}

async function run(
  [program, ...args]: readonly string[],
  input = "",
): Promise<{ code: number; said: string }> {
  const child = new Deno.Command(program, {
    args,
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const [out, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said: out + complaint };
}
