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

/** The text of a page with other content between a section's marks; throws a `CommandError` without them. */
export function withMarkedSection(text: string, section: MarkedSection, content: string): string {
  const { page, name, command } = section;
  const [begin, end] = [`<!-- ${name}: made by ${command} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new CommandError(`${page} has no ${begin} … ${end}.`);
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
