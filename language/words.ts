/** What TypeScript says of types and problems, in the words that learners know them by. */

/** Without the paths of the course's own modules. */
export function inPlainWords(text: string): string {
  return text
    .replace(/typeof import\("[^"]*\/lib\/tensor\/tf(?:\.ts)?"[^)]*\)/g, "tf")
    .replace(/typeof import\("[^"]*\/lib\/mod(?:\.ts)?"[^)]*\)/g, "tessera")
    .replace(/import\("(?:[^"\\]|\\.)*"\)\./g, "")
    .replace(/'"?(?:file:\/\/)?[^'"\s]*\/lib\/mod(?:\.ts)?"?'/g, '"tessera"');
}
