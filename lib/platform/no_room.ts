/** What of an error of the system says that there is no room for more. */

/**
 * Why nothing more can be written, in words: a disk that is full, or a quota that is used up, of which others'
 * room on the same disk tells nothing. Undefined where an error is of another kind.
 */
export function whyNoRoom(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "" } = error as { code?: string };
  // Linux says "Disk quota exceeded", macOS "Disc quota exceeded".
  if (code === "EDQUOT" || /quota exceeded/i.test(error.message)) {
    return "your quota of this disk is used up";
  }
  const isFull = ["ENOSPC", "EFBIG"].includes(code) ||
    /no space left|file too large|\(os error (27|28)\)/i.test(error.message);
  return isFull ? "the disk is full" : undefined;
}
