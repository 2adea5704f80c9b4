/** What the commands share: where things are, errors of one line, suggestions, processes. */
import { fileURLToPath } from "node:url";
import { relative, resolve } from "node:path";
import { closestString } from "@std/text";
import { exists, isOfDisk, isWritable } from "../lib/platform/files.ts";
import { outliveOutput } from "../lib/platform/output.ts";
import { onSignals, type Signal, warning } from "../lib/platform/signals.ts";
import { CommandError } from "./command_error.ts";

export { CommandError };

/** The installation's folder, by the path that the command was called with. */
export const root = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** Where the user typed the command. */
export const callerFolder = Deno.env.get("TESSERA_CALLER") ?? Deno.cwd();

/** A path as the user would write it: from where the command was typed, or whole if that is shorter. */
export function shown(path: string): string {
  const short = relative(callerFolder, path) || path;
  return short.length > path.length ? path : short;
}

/** ` Did you mean "…"?` for the candidate nearest to `word`, or nothing where none is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return "";
  const longer = candidates.find((candidate) => candidate.includes(word));
  if (word !== "" && longer) return ` Did you mean "${longer}"?`;
  const nearest = closestString(word, [...candidates]) as string;
  const similar = nearest.includes(word) || word.includes(nearest) ||
    sharedLetters(word, nearest) >= Math.max(word.length, nearest.length) / 2;
  return similar ? ` Did you mean "${nearest}"?` : "";
}

function sharedLetters(a: string, b: string): number {
  const rest = [...b];
  return [...a].filter((letter) => {
    const index = rest.indexOf(letter);
    return index >= 0 && rest.splice(index, 1).length === 1;
  }).length;
}

/**
 * Runs a command's main function; a `CommandError` becomes one line and its exit code, and what the disk
 * does not allow becomes one line. A batch system's warning ends no command.
 */
export async function runCommand(main: (args: string[]) => Promise<number | void>): Promise<never> {
  outliveOutput();
  onSignals([warning], () => {});
  try {
    Deno.exit(await main(Deno.args) ?? 0);
  } catch (error) {
    if (!(error instanceof CommandError) && !isOfDisk(error)) throw error;
    const isClosed = isOfDisk(error) && error.message.includes(root) && !isWritable(root);
    console.error(
      `tessera: ${isClosed ? `${closedInstallation} (${error.message})` : error.message}`,
    );
    Deno.exit(error instanceof CommandError ? error.exitCode : 1);
  }
}

const closedInstallation =
  `this writes into the installation in ${root}, which is read-only for you: whoever keeps it may, and ` +
  "you in a copy of your own.";

/** Throws a `CommandError` where the installation is someone else's, before a command works for nothing. */
export function needWritableInstallation(): void {
  if (!isWritable(root)) throw new CommandError(closedInstallation);
}

/** A program of `.venv/bin`; throws where the set-up has not been done. */
export function program(name: string): string {
  const [path, python] = [name, "python"].map((each) => resolve(root, ".venv", "bin", each));
  // All but Deno are scripts of Python.
  const closed = [path, name === "deno" ? path : python].find((each) =>
    isLink(each) && !exists(each)
  );
  if (exists(path) && !closed) return path;
  if (closed) {
    throw new CommandError(
      `${closed} leads to a program that you may not read: whoever keeps the installation sets it up ` +
        "anew with a Python that all may read, such as the system's.",
    );
  }
  throw new CommandError(`${shown(path)} is missing: ./tessera doctor --repair mends that.`);
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/**
 * A program that a batch system's warning does not end, though it comes before the program listens for it: the
 * shell starts it with that ignored.
 */
export function lastingCommand(
  program: string,
  { args = [], ...options }: Deno.CommandOptions,
): Deno.Command {
  const script = `trap '' ${warning.slice(3)}; exec "$0" "$@"`;
  return new Deno.Command("/bin/sh", { args: ["-c", script, program, ...args], ...options });
}

/**
 * Runs a program in the foreground until it ends and returns its exit code; it gets Ctrl-C itself, and with
 * `isWarned` a batch system's warning from here. Signals that it is `endedBy` reach this process alone, as from a hub:
 * they ask it to end, which is awaited.
 */
export async function foreground(
  name: string,
  args: readonly string[],
  { isWarned = false, endedBy = [], ...options }: {
    cwd?: string;
    env?: Record<string, string>;
    isWarned?: boolean;
    endedBy?: readonly Signal[];
  } = {},
): Promise<number> {
  const child = lastingCommand(program(name), { args: [...args], cwd: root, ...options }).spawn();
  const signals = new Set<Signal>(["SIGINT", ...(isWarned ? [warning] as const : []), ...endedBy]);
  const endListening = onSignals([...signals], (signal) => {
    if (signal === warning) child.kill(warning);
    else if (endedBy.includes(signal)) child.kill("SIGTERM");
  });
  try {
    return (await child.status).code;
  } finally {
    endListening();
  }
}

/** Runs a program to its end and returns what it said. */
export async function captured(
  name: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = lastingCommand(program(name), { args: [...args], cwd: root, ...options });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Minutes and seconds, for example `3:07`. */
export function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
