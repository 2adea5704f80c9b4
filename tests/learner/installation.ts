/** An installation of links to this one, whose course a test may change, and a home of it. */
import { join } from "node:path";
import { root } from "../../tools/command.ts";

const linked = ["lib", "tools", "recipes", "python", ".venv", ".deno", ".vscode"];
const copied = ["deno.json", "import_map.json", "tessera"];

export interface Installation extends AsyncDisposable {
  folder: string;
  home: string;
  /** Runs a command as `./tessera NAME …` does, from the home. */
  tessera(name: string, ...args: string[]): Promise<{ code: number; said: string }>;
}

/** Makes both; `notebooks/exercises` is a copy. Everything goes where it is disposed. */
export async function makeInstallation(): Promise<Installation> {
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-learner-" }));
  const [folder, home] = [join(temporary, "the course"), join(temporary, "my home")];
  await Deno.mkdir(join(folder, "notebooks"), { recursive: true });
  for (const name of linked) await Deno.symlink(join(root, name), join(folder, name));
  for (const name of copied) await Deno.copyFile(join(root, name), join(folder, name));
  await copy(join(root, "notebooks", "exercises"), join(folder, "notebooks", "exercises"));

  const tessera = async (name: string, ...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-all", "--config", join(folder, "deno.json")],
        ...[join(folder, "tools", `${name}.ts`), ...args],
      ],
      cwd: folder,
      env: { TESSERA_CALLER: home, TESSERA_HOME: home, NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { code, said };
  };
  await Deno.mkdir(home);
  const { code, said } = await tessera("home", home);
  if (code !== 0) throw new Error(said);
  return {
    ...{ folder, home, tessera },
    async [Symbol.asyncDispose]() {
      await Deno.remove(temporary, { recursive: true });
    },
  };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
