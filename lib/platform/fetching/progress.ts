import { kernel } from "../environment.ts";
import { standardError } from "../terminal.ts";

/** How far the fetching of one file has come. */
export interface DownloadProgress {
  /** What is being fetched, as a person would call it: "MNIST train-images-idx3-ubyte". */
  name: string;
  /** Bytes that are on the disk; the whole file's size once it is there. */
  receivedBytes: number;
  /** The file's size, where the server tells it. */
  totalBytes?: number;
  elapsedSeconds: number;
  /** Why there is a delay ("retrying in 2 s: …"), or nothing. */
  note?: string;
  /** The file is there and checked. */
  done?: boolean;
}

/** Is told of every piece that arrives, and once more at the end. */
export type DownloadReporter = (progress: DownloadProgress) => void;

/**
 * The usual reporter: one line that updates itself in a terminal and in a notebook, and one line at
 * the end of each file where output goes to a file.
 */
export function progressLine(): DownloadReporter {
  const write = lineWriter();
  let lastWritten = 0;
  return (progress) => {
    const now = performance.now();
    if (!progress.done && !progress.note && now - lastWritten < 250) return;
    lastWritten = now;
    write(describeProgress(progress), progress.done === true);
  };
}

/** The line's text, for example "MNIST images: 12.3 of 47.0 MB (26 %), 5.1 MB/s, 7 s left". */
export function describeProgress(progress: DownloadProgress): string {
  const { name, receivedBytes, totalBytes, elapsedSeconds, note, done } = progress;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  if (done) return `${name}: ${megabytes(receivedBytes)} MB in ${elapsedSeconds.toFixed(1)} s`;
  const parts = [];
  if (totalBytes) {
    const percent = Math.floor(100 * receivedBytes / totalBytes);
    parts.push(`${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB (${percent} %)`);
  } else if (receivedBytes > 0) parts.push(`${megabytes(receivedBytes)} MB`);
  else parts.push(`${Math.floor(elapsedSeconds)} s`);
  const bytesPerSecond = receivedBytes / elapsedSeconds;
  if (receivedBytes > 0 && elapsedSeconds > 0.5) {
    parts.push(`${megabytes(bytesPerSecond)} MB/s`);
    if (totalBytes) {
      parts.push(`${Math.ceil((totalBytes - receivedBytes) / bytesPerSecond)} s left`);
    }
  }
  if (note) parts.push(note);
  return `${name}: ${parts.join(", ")}`;
}

type LineWriter = (text: string, final: boolean) => void;

function lineWriter(): LineWriter {
  const notebook = kernel();
  if (notebook) {
    const displayId = `download-${crypto.randomUUID()}`;
    let shown = false;
    return (text) => {
      const message = shown ? "update_display_data" : "display_data";
      shown = true;
      notebook.broadcast(message, {
        data: { "text/plain": text },
        metadata: {},
        transient: { display_id: displayId },
      });
    };
  }
  if (standardError.isTerminal()) {
    return (text, final) => {
      // Return to the line's start, write, and clear what is left of the longer line before.
      standardError.write(`\r${text}\x1b[K${final ? "\n" : ""}`);
    };
  }
  return (text, final) => {
    if (final) console.error(text);
  };
}
