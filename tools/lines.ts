/** What a program prints, line by line. */

/**
 * The lines of a stream as they come. One that its writer did not end, because it was ended itself, is none, unless
 * `withUnfinished` asks for it.
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { withUnfinished = false } = {},
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (withUnfinished && rest !== "") yield rest;
}
