/** A file could not be had; the message says why, and what to do. */
export class DownloadError extends Error {
  override name = "DownloadError";

  /** `reasons`: what went wrong at each place, without advice. */
  constructor(message: string, readonly reasons: readonly string[] = [message], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
