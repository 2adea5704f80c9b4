/** Parts of pages that commands write, between two marks that readers do not see. */
import { join } from "node:path";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { captured, CommandError, root } from "./command.ts";

/** A section of a page, which begins at `<!-- NAME: made by COMMAND -->`, and ends at `<!-- end of NAME -->`. */
export interface MarkedSection {
  /** The page's path in the project. */
  page: string;
  name: string;
  /** As one types it. */
  command: string;
}

/** Where a section's marks stand in a page's text; throws a `CommandError` without them. */
function marksOf(text: string, { page, name, command }: MarkedSection) {
  const [begin, end] = [`<!-- ${name}: made by ${command} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new CommandError(`${page} has no ${begin} … ${end}.`);
  return { begin, from, to };
}

/** The rows of the tables in a section of a page's text: their cells' texts, the heads left out. */
export function rowsOfMarkedSection(text: string, section: MarkedSection): string[][] {
  const { from, to } = marksOf(text, section);
  const lines = text.slice(from, to).split("\n").filter((line) => line.startsWith("|"));
  const cells = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const isRule = (row: string[] | undefined) => row?.every((cell) => /^:?-+:?$/.test(cell));
  return cells.filter((row, at) => !isRule(row) && !isRule(cells[at + 1]));
}

/** The text of a page with other content between a section's marks; throws a `CommandError` without them. */
export function withMarkedSection(text: string, section: MarkedSection, content: string): string {
  const { begin, from, to } = marksOf(text, section);
  return `${text.slice(0, from)}${begin}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

/** Writes a section's content into its page, and sets it as the page's other text is set. */
export async function writeMarkedSection(section: MarkedSection, content: string): Promise<void> {
  const page = join(root, section.page);
  await writeTextAtomically(
    page,
    withMarkedSection(await Deno.readTextFile(page), section, content),
  );
  await captured("deno", ["fmt", "--quiet", page]);
}
