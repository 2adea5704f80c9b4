/** Which notebooks of a home are open in a window of JupyterLab, as its running servers tell. */
import { isAbsolute, join, relative } from "node:path";

/** What a server writes about itself into its runtime folder. */
interface ServerFile {
  url: string;
  token: string;
  root_dir: string;
}

interface Session {
  path: string;
  kernel?: { connections?: number };
}

/**
 * The notebooks of a home that have a window, as paths from the home. A server that does not answer, or
 * that wants another login (a hub's), tells nothing.
 */
export async function openNotebooks(home: string): Promise<Set<string>> {
  const found = await Promise.all(serverFiles(home).map((file) => openOn(file, home)));
  return new Set(found.flat());
}

/** The files of servers that run, or have run, where this home's and this person's are. */
function serverFiles(home: string): string[] {
  const own = Deno.env.get("HOME");
  const folders = [
    join(home, ".jupyter", "runtime"),
    Deno.env.get("JUPYTER_RUNTIME_DIR"),
    own && join(own, ".local", "share", "jupyter", "runtime"),
    own && join(own, "Library", "Jupyter", "runtime"),
  ];
  return [...new Set(folders)].flatMap((folder) => {
    try {
      return [...Deno.readDirSync(folder ?? "")]
        .filter(({ name }) => /^jpserver-\d+\.json$/.test(name))
        .map(({ name }) => join(folder!, name));
    } catch {
      return []; // no such folder
    }
  });
}

async function openOn(file: string, home: string): Promise<string[]> {
  try {
    const { url, token, root_dir }: ServerFile = JSON.parse(await Deno.readTextFile(file));
    const login = token || Deno.env.get("JUPYTERHUB_API_TOKEN");
    const answer = await fetch(new URL("api/sessions", url), {
      headers: login ? { Authorization: `token ${login}` } : {},
      signal: AbortSignal.timeout(2000),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      return [];
    }
    const sessions: Session[] = await answer.json();
    return sessions.filter(({ kernel }) => (kernel?.connections ?? 0) > 0)
      .map(({ path }) => relative(home, join(root_dir, path)))
      .filter((path) => !path.startsWith("..") && !isAbsolute(path));
  } catch {
    return []; // it has ended
  }
}
