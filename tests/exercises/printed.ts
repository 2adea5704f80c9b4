/** The lines that a call prints with `console.log`. */
export async function printed(call: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => void lines.push(line);
  try {
    await call();
  } finally {
    console.log = log;
  }
  return lines;
}
