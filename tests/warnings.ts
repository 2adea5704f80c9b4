/** What is written to `console.warn` while `use` runs, a string for each call; nothing of it is shown. */
export async function warningsOf(use: () => unknown): Promise<string[]> {
  const { warn } = console;
  const said: string[] = [];
  console.warn = (...words: unknown[]) => said.push(words.join(" "));
  try {
    await use();
  } finally {
    console.warn = warn;
  }
  return said;
}
