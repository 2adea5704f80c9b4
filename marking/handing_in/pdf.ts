/** The one PDF of a hand-in, with its owner on the first page and at the foot of every page. */
import { captured, CommandError } from "../../tools/command.ts";
import type { Owner } from "./owner.ts";

/**
 * Sets executed notebooks as one document; several get a table of contents. Images that they name are looked
 * for in `folder`. Throws a `CommandError` that names the cell where something cannot be shown.
 */
export async function setPdf(
  notebooks: readonly string[],
  pdf: string,
  { folder, unit, owner }: { folder: string; unit: string; owner: Pick<Owner, "title"> },
): Promise<void> {
  const name = unit.replace(/^unit(?=\d)/, "Unit ");
  const fields = JSON.stringify({ owner: owner.title, name });
  const [first, ...more] = notebooks;
  const { code, stderr } = await captured("python", [
    ...["-m", "tessera_export", "--hand-in", fields, first, pdf, folder, ...more],
  ]);
  if (code !== 0) throw new CommandError(`there is no PDF: ${stderr.trim()}`);
}
