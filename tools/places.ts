/**
 * Every command with what it writes where, from `places.json`, the one list of that. `deno task places-page`
 * makes `docs/places.md` from it.
 */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { join } from "node:path";
import list from "./places.json" with { type: "json" };
import { root, runCommand } from "./command.ts";

/** A place that commands write to. */
export interface Place {
  /** In whose folder its paths lie. */
  in: "home" | "installation" | "elsewhere";
  /** Files, and folders with a slash at the end. */
  paths: readonly string[];
  what: string;
  /** Whether a person may delete it. */
  delete: string;
  /** What of it `./tessera uninstall` deletes: it can be made or fetched again, and nobody writes there. */
  again?: readonly string[];
}

/** What a command writes: names of places, and in words. */
export interface Writes {
  writes: readonly string[];
  what: string;
}

export const places: Readonly<Record<string, Place>> = list.places as Record<string, Place>;
export const commands: Readonly<Record<string, Writes>> = list.commands;

const code = (text: string) => `\`${text}\``;

/** The page about places, as `deno fmt` would set it. */
export function placesPage(): string {
  return `# What is written where

This page is made from \`tools/places.json\` by \`deno task places\`.

No command overwrites or deletes what a person wrote. Where a command makes a file anew that somebody
has changed since, or put there, that one is kept beside it under the date first, and the command says
so.

There are two places. The **installation** is the course's folder; once it is set up, nothing that
learners do writes to it. A **home** is one person's folder. On a JupyterHub and on lab
computers many homes share one installation: \`docs/hub.md\`, in the authors' copy.

## A home

${tableOf("home")}

## The installation

The first command sets up \`.venv/\`, \`.deno/\` and \`.python/\`. Nothing else writes to the installation
but what authors call, and in a clone, where nobody else works, the fetching of data sets.

${tableOf("installation")}

## Command × place

In a home; a command that needs one and finds none makes it:

${matrix((place) => place.in === "home")}

In the installation, and elsewhere:

${matrix((place) => place.in !== "home")}

Elsewhere means a file that you name with an option, or the folder in which you call the command. Data sets
are fetched into the folder that \`TESSERA_DATA\` names, else into the installation's \`data/\`, else
into the home's: the first that can be written.

| Command | Writes |
| --- | --- |
${Object.entries(commands).map(([name, { what }]) => `| ${code(name)} | ${what} |`).join("\n")}

## A new version, and the end

A new version of an installation that others use goes into a folder of its own, beside the old one, and
is set up there by \`./tessera doctor\`: kernels that run have loaded files of the old one, and load
more of them as they need them, so it stays until they have ended. Where homes know the installation by a
link, moving that leads them to the new one: a kernel that runs goes on with the old one's files, and whoever
starts one gets the new one's. Else \`./tessera home\` of the new one, called with a home's path, leads
that home to it.

\`./tessera uninstall\` lists with sizes what can be made or fetched again, in your home and, where you
may write there, in the installation, and deletes that after a question. What stays is a person's, or the
course: to remove a home, or an installation, delete its folder, once what is to be kept has been copied
out of it. Nothing else is left but a folder that \`TESSERA_DATA\` names, what a browser keeps of
JupyterLab's settings and, of who has called \`jupyter\` by itself, \`.jupyter\`, \`.ipython\` and
\`.local/share/jupyter\` in the user's own folder.
`;
}

function tableOf(where: Place["in"]): string {
  const rows = Object.values(places).filter((place) => place.in === where).map((place) =>
    `| ${place.paths.map(code).join(", ")} | ${place.what} | ${place.delete} |`
  );
  return ["| Path | What | May be deleted |", "| --- | --- | --- |", ...rows].join("\n");
}

/** Which command writes to which of the places that `isMeant` chooses. */
function matrix(isMeant: (place: Place) => boolean): string {
  const columns = Object.entries(places).filter(([name, place]) =>
    name !== "environment" && isMeant(place)
  );
  const titles = columns.map(([, { paths }]) =>
    paths.length === 0 ? "elsewhere" : `${code(paths[0])}${paths.length > 1 ? " …" : ""}`
  );
  const rows = Object.entries(commands).map(([name, { writes }]) =>
    [code(name), ...columns.map(([place]) => writes.includes(place) ? "●" : "")].join(" | ")
  );
  return [`| | ${titles.join(" | ")} |`, `| --- |${" :---: |".repeat(columns.length)}`]
    .concat(rows.map((row) => `| ${row} |`)).join("\n");
}

/** Where the page lies. */
export const placesFile = join(root, "docs", "places.md");

if (import.meta.main) {
  await runCommand(async () => {
    await writeTextAtomically(placesFile, placesPage());
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["fmt", "--quiet", "--config", join(root, "deno.json"), placesFile],
    }).output();
    return success ? 0 : 1;
  });
}
