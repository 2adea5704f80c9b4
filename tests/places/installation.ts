/** An installation of links to this one, on a path with a space, whose course a test may change. */
import { dirname, join } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { root } from "../../tools/command.ts";

const linked = [
  ...["language", "lib", "marking", "playground", "python", "recipes", "site", "tools"],
  ...[".deno", ".venv", ".vscode", "deno.json", "deno.lock", "import_map.json"],
];

export interface Installation extends AsyncDisposable {
  folder: string;
  /** An empty folder beside the installation, for homes. */
  homes: string;
  /** Runs a command as `./tessera NAME …` does, called from a folder. */
  tessera(
    name: string,
    args: readonly string[],
    options: { from: string; env?: Record<string, string>; installation?: string },
  ): Promise<{ code: number; said: string }>;
}

/** Makes one; `copied` names folders and files that are copies, in place of a link. */
export async function makeInstallation(
  copied: readonly string[] = ["notebooks/exercises"],
): Promise<Installation> {
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-places-" }));
  const [folder, homes] = [join(temporary, "the course"), join(temporary, "homes")];
  await Deno.mkdir(folder);
  await Deno.mkdir(homes);
  for (const path of ["tessera", ...copied]) await copy(join(root, path), join(folder, path));
  for (const path of linked) {
    if (!copied.some((each) => each.startsWith(path))) {
      await Deno.symlink(join(root, path), join(folder, path));
    }
  }
  return {
    ...{ folder, homes },
    async tessera(name, args, { from, env, installation = folder }) {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-check", "--allow-all"],
          ...["--config", join(installation, "deno.json")],
          ...[join(installation, programOf(installation, name)), ...args],
        ],
        cwd: installation,
        env: { TESSERA_HOME: "", NO_COLOR: "1", ...env, TESSERA_CALLER: from },
      }).output();
      const [out, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, said: out + complaint };
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(temporary, { recursive: true });
    },
  };
}

/** A command's program, as `./tessera` finds it. */
export function programOf(installation: string, name: string): string {
  if (name === "bench") return "bench/main.ts";
  const ofClass = `marking/${name.replaceAll("-", "_")}.ts`;
  return exists(join(installation, ofClass)) ? ofClass : `tools/${name}.ts`;
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}
