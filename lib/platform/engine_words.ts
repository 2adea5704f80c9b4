/** What an error says, in the words of V8, which is Deno's engine and Chromium's. */
export function wordsOfError({ message }: Error): string {
  return message;
}
