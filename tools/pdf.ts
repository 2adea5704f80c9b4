/**
 * `./tessera pdf NOTEBOOK…`: makes PDFs of notebooks as they are, without running them. JupyterLab's
 * menu and `jupyter nbconvert --to TesseraPDF` make the same files.
 */
import { dirname } from "node:path";
import { captured, CommandError, runCommand, shown } from "./command.ts";
import { homeOf, madeIn } from "./homes.ts";
import { keepSnapshot } from "./learner/snapshots.ts";
import { findNotebooks, outputPath, readNotebook, unitNames } from "./notebooks.ts";

/**
 * Writes the PDF of a notebook. Its Markdown's images are looked for in `imageFolder`, which for an
 * executed copy is the folder of the original. Throws a `CommandError` that names the cell where
 * something cannot be shown.
 */
export async function makePdf(
  notebook: string,
  pdf: string,
  imageFolder = dirname(notebook),
): Promise<void> {
  await Deno.mkdir(dirname(pdf), { recursive: true });
  const { code, stderr } = await captured("python", [
    ...["-m", "tessera_export", notebook, pdf, imageFolder],
  ]);
  if (code !== 0) throw new CommandError(`no PDF of ${shown(notebook)}: ${stderr.trim()}`);
  if (stderr.trim() !== "") console.error(stderr.trim());
}

async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown) throw new CommandError(`pdf takes notebooks and no option "${unknown}".`, 2);
  if (args.length === 0) {
    throw new CommandError(
      `pdf needs a notebook, a folder or a unit: ./tessera pdf ${unitNames()[0] ?? "NOTEBOOK"}`,
      2,
    );
  }
  let failures = 0;
  for (const notebook of new Set(args.flatMap((name) => findNotebooks(name, "learner's")))) {
    const pdf = outputPath(notebook).replace(/\.ipynb$/, ".pdf");
    try {
      await readNotebook(notebook);
      await keepSnapshot(notebook);
      const made = madeIn(homeOf(notebook));
      const kept = await made.makeRoom(pdf);
      await makePdf(notebook, pdf);
      await made.note(pdf);
      console.error(`${shown(notebook)} → ${shown(pdf)}`);
      if (kept) console.error(`  the one before had been changed: kept as ${shown(kept)}`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(`tessera: ${error.message}`);
      failures++;
    }
  }
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
