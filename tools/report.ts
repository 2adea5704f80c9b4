/**
 * `./tessera doctor --report`: one file for those who help, with all that decides whether things work: machine,
 * versions, settings, what doctor found, a trial of the engine, the last errors. No names, no paths of the home.
 */
import { basename, join, relative } from "node:path";
import { userInfo } from "node:os";
import { pathToFileURL } from "node:url";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { callerFolder, captured, root, shown } from "./command.ts";
import { trialOfEngine } from "./engine_trial.ts";
import { findHome } from "./homes.ts";
import { notebooksIn, readNotebook, sourceFolder } from "./notebooks.ts";
import { processorName, thisMachine } from "./processor_settings.ts";

/** How many errors are shown, the newest ones. */
const mostErrors = 10;

/** Settings that have a say in what is computed, and those of proxies and pip, whose values are private. */
const tellingSettings =
  /^(TESSERA|TF|ONEDNN|DNNL|OMP|CUDA|XLA|GLIBC|MALLOC|LC|JUPYTER_PREFER)_|^LANG$/;
const privateSettings = /^(PIP|UV|DENO|NPM_CONFIG|PYTHON|JUPYTER|VIRTUAL_ENV|VSCODE)|_PROXY$/i;

/** Writes the report beside where the command was typed; gives its path. */
export async function writeReport(findings: readonly string[]): Promise<string> {
  const date = new Date();
  const sections: [title: string, lines: readonly string[]][] = [
    ["Doctor", findings],
    ["Machine", await orWhyNot(machine)],
    ["Versions", await orWhyNot(versions)],
    ["Settings", settings(Deno.env.toObject())],
    ["Trial of the engine", await orWhyNot(trialOfEngine)],
    ["Last errors in notebooks", await orWhyNot(lastErrors)],
  ];
  const text = [
    `Tessera's report of ${date.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ...sections.map(([title, lines]) =>
      `\n${title}\n${"-".repeat(title.length)}\n${lines.length > 0 ? lines.join("\n") : "none"}`
    ),
  ].join("\n");
  const name = `tessera-report-${date.toISOString().slice(0, 19).replace(/[:T]/g, "-")}.txt`;
  const path = join(callerFolder, name);
  await writeTextAtomically(path, `${withoutNames(text, privateWords())}\n`);
  return path;
}

/** A section's lines, or why there are none: the report is for installations in which something does not work. */
export async function orWhyNot(lines: () => Promise<string[]>): Promise<string[]> {
  try {
    return await lines();
  } catch (error) {
    return [`could not be told: ${error instanceof Error ? error.message : error}`];
  }
}

/** What must not be told, and what stands for it. */
export function privateWords(): Map<string, string> {
  const words = new Map<string, string>();
  const add = (text: string | undefined, instead: string) => {
    if (!text || text.length <= 2 || text === "root") return;
    words.set(text, instead);
    if (text.startsWith("/")) words.set(pathToFileURL(text).pathname, instead); // as addresses have it
  };
  for (const [folder, instead] of [[findHome(), "(home)"], [root, "(course)"]] as const) {
    add(folder, instead);
    if (folder) add(Deno.realPathSync(folder), instead);
  }
  add(callerFolder, "(here)");
  const data = Deno.env.get("TESSERA_DATA"); // a stick or a share may be called as its owner
  add(data, "(data)");
  add(data && shown(data), "(data)");
  add(Deno.env.get("HOME"), "~");
  const home = basename(Deno.env.get("HOME") ?? "");
  for (const name of [Deno.env.get("USER"), Deno.env.get("LOGNAME"), userName(), home]) {
    add(name, "(user)");
  }
  for (const name of [accountName(), saidAtOnce("git", "config", "user.name")]) {
    if (name?.includes(" ")) add(name, "(name)"); // one word may be "Ubuntu"
  }
  add(saidAtOnce("git", "config", "user.email"), "(address)");
  add(Deno.hostname(), "(host)");
  add(Deno.hostname().split(".")[0], "(host)");
  return words;
}

/** The first and last name that the account was made with. */
function accountName(): string | undefined {
  if (Deno.build.os === "darwin") return saidAtOnce("id", "-F");
  return saidAtOnce("getent", "passwd", userName() ?? "")?.split(":")[4]?.split(",")[0];
}

/** What a program says; undefined where there is none, or nothing to be said. */
function saidAtOnce(program: string, ...args: string[]): string | undefined {
  try {
    const { stdout } = new Deno.Command(program, { args, stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).trim() || undefined;
  } catch {
    return undefined;
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // a number without an account, as in some containers
  }
}

/** The text without these words, longest first, and without folders and disks of any user and addresses. */
export function withoutNames(text: string, words: ReadonlyMap<string, string>): string {
  const sorted = [...words].sort(([a], [b]) => b.length - a.length);
  const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return sorted.reduce(
    (rest, [word, instead]) =>
      rest.replace(new RegExp(`(?<![\\w])${escaped(word)}(?![\\w])`, "g"), () => instead),
    text,
  )
    // A folder's name may have spaces, which end it only where no more of the path follows.
    .replace(/(\b[A-Z]:)?([/\\])(home|Users)\2(\(user\)|[^/\\\n:'",)]+(?=\2)|[^/\\\s:'",)]+)/g, "~")
    .replace(/\/((run\/)?media\/[^/\s]+|Volumes)\/([^/\n:",)]+(?=\/)|[^/\s:'",)]+)/g, "(disk)")
    .replace(/(?<=:\/\/)[^/\s@]+@/g, "(address)@")
    .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, "(address)")
    .replace(/\(host\)(\.[\w-]+)+/g, "(host)");
}

async function machine(): Promise<string[]> {
  const { os, architecture, features, cores } = thisMachine();
  const gigabytes = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(1);
  const sets = [...features].filter((name) => /^(sse4|avx|fma|amx|asimd|sve|bf16|i8mm)/.test(name));
  return [
    `${os} ${Deno.osRelease()}, ${architecture}, ${await operatingSystem()}`,
    `${await processorName()}, ${cores} cores, ${gigabytes} GB of memory`,
    `instruction sets: ${sets.join(" ") || "not told"}`,
  ];
}

async function operatingSystem(): Promise<string> {
  if (Deno.build.os === "darwin") return `macOS ${await said("sw_vers", "-productVersion")}`;
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(release)?.[1] ?? "unnamed";
  const libc = (await said("ldd", "--version")).split("\n")[0];
  const isWsl = /microsoft/i.test(await Deno.readTextFile("/proc/version").catch(() => ""));
  return `${name}${isWsl ? " in WSL" : ""}, ${libc}`;
}

/** What a program of the system says; empty where there is none. */
async function said(program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args }).output();
    return new TextDecoder().decode(stdout.length > 0 ? stdout : stderr).trim();
  } catch {
    return "";
  }
}

async function versions(): Promise<string[]> {
  const { deno, v8, typescript } = Deno.version;
  const course = await said("sh", join(root, "tessera"), "--version");
  const script = "import importlib.metadata as packages, platform\n" +
    "print('Python', platform.python_version(), platform.python_implementation())\n" +
    "print(', '.join(sorted(f'{each.name} {each.version}' for each in packages.distributions())))";
  const { stdout, stderr } = await captured("python", ["-c", script]);
  const python = (stdout || stderr).trim().split("\n");
  return [course, `Deno ${deno}, V8 ${v8}, TypeScript ${typescript}`, ...python];
}

/** Settings of the environment that may matter; of paths and secrets only that they are set. */
export function settings(environment: Record<string, string>): string[] {
  return Object.entries(environment).sort().flatMap(([name, value]) => {
    if (privateSettings.test(name)) return [`${name} is set`];
    if (!tellingSettings.test(name)) return [];
    return [/[/\\@]/.test(value) ? `${name} is set to a path` : `${name}=${value}`];
  });
}

/** Errors that the home's notebooks show, the newest notebook first. */
async function lastErrors(): Promise<string[]> {
  const home = findHome();
  if (!home) return [];
  const known = new Set(notebooksIn(sourceFolder).map((path) => relative(sourceFolder, path)));
  const dated = notebooksIn(home).map((path) => ({
    path,
    changed: Deno.statSync(path).mtime?.getTime() ?? 0,
  })).sort((a, b) => b.changed - a.changed);
  const errors: string[] = [];
  for (const { path } of dated) {
    const place = relative(home, path).replace(/^out\//, "");
    const name = known.has(place) ? place : "a notebook of one's own";
    const notebook = await readNotebook(path).catch(() => undefined);
    for (const [index, { outputs }] of (notebook?.cells ?? []).entries()) {
      for (const { output_type, ename, evalue } of (outputs ?? []) as Record<string, string>[]) {
        if (output_type !== "error" || errors.length >= mostErrors) continue;
        errors.push(`${name}, cell ${index + 1}: ${ename}: ${evalue.split("\n")[0].slice(0, 300)}`);
      }
    }
  }
  return errors;
}
