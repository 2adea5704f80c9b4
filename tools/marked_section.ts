/** A part of a page that a command writes, between two marks that readers do not see. */
export interface Marks {
  /** What the page is called where its marks are missing. */
  page: string;
  begin: string;
  end: string;
}

/** A page's text with a section between its marks; throws an Error where they are missing. */
export function withMarkedSection(
  text: string,
  { page, begin, end }: Marks,
  section: string,
): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page} has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${section}\n\n${end}${after}`;
}
