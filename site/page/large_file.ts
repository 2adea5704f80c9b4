/**
 * Large files of bytes, such as checkpoints, in JupyterLite's storage. It keeps bytes as Base64 letters, and copies a
 * file's a few times whenever it is asked what is at its path: 45 MB of weights took 500 MB of a tab's memory. A Blob in
 * their place lies outside of the tab, and is read where its bytes are wanted.
 */

/** From this size on, in bytes, a file is kept as a Blob. */
export const largeFrom = 1e6;

/** What JupyterLite asks of a file's Base64 letters, to reckon the file's size: how many, and the padding at their end. */
type LikeLetters = Blob & { length: number; match(): [string] };

/** A Blob for JupyterLite to keep as a Base64 file's content. */
export function asContent(blob: Blob): Blob {
  const threes = Math.ceil(blob.size / 3);
  const like: Omit<LikeLetters, keyof Blob> = {
    length: 4 * threes,
    match: () => ["=".repeat(3 * threes - blob.size)],
  };
  return Object.assign(blob, like);
}

/** A Blob's bytes as Base64 letters, for who opens such a file in JupyterLab. */
export async function lettersOf(blob: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise((resolve) => reader.onloadend = resolve);
  reader.readAsDataURL(blob);
  await read;
  if (reader.error) throw reader.error;
  const address = reader.result as string;
  return address.slice(address.indexOf(",") + 1);
}
