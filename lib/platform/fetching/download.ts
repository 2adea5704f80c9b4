import { dirname } from "node:path";
import { withLock } from "../with_lock.ts";
import { explainDiskError, isWhole, sha256Of, unpack, writeAll } from "./checked_files.ts";
import { DownloadError } from "./download_error.ts";
import { type DownloadReporter, progressLine } from "./progress.ts";

/** What {@link download} fetches, from where, and into which file. */
export interface DownloadOptions {
  /** What is fetched, for messages. Default: the file's name. */
  name?: string;
  /** Where the file may be had; tried in this order. */
  addresses: readonly string[];
  /** The path to write; its folder is made. */
  file: string;
  /** The SHA-256 of the file as it is written, in hexadecimal. */
  sha256: string;
  /** Set where the addresses serve the file gzip-compressed; it is written unpacked. */
  compression?: "gzip";
  /** How often each address is tried. Default: 4. */
  attempts?: number;
  /** The pause before the second try; it doubles with every further one. Default: 1. */
  retrySeconds?: number;
  /** A connection that sends nothing for so long is given up. Default: 30. */
  stallSeconds?: number;
  report?: DownloadReporter;
}

/**
 * Fetches a file unless it is there and whole already; an altered file is named and fetched again.
 *
 * The bytes collect in `FILE.part`, which a later call resumes; only a checked file gets its name. Who
 * wants the same file at the same time waits, and finds it.
 *
 * Throws a `DownloadError` that says what to do where no address gives the right file.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { file, sha256 } = options;
  const fetching = described(options);
  if (await isWhole(file, sha256)) return;
  await alone(fetching, async () => {
    if (!await isWhole(file, sha256)) await fetchAlone(fetching);
  });
}

type Fetching = DownloadOptions & { name: string; report: DownloadReporter };

function described(options: DownloadOptions): Fetching {
  const { file, name = file.slice(file.lastIndexOf("/") + 1), report = progressLine() } = options;
  return { ...options, name, report };
}

/** Does something while nobody else, in this program or another one, gets the same file. */
export function alone<T>(
  { file, name, report }: { file: string; name: string; report: DownloadReporter },
  use: () => Promise<T>,
): Promise<T> {
  const note = "waiting for somebody else who fetches it";
  return withLock(
    `${file}.lock`,
    use,
    () => report({ name, receivedBytes: 0, elapsedSeconds: 0, note }),
  );
}

/** {@link download} for who is {@link alone} with the file, and has seen that it is not there. */
export async function fetchAlone(options: DownloadOptions): Promise<void> {
  const { file } = options;
  const fetching = described(options);
  const { name } = fetching;
  const failures: string[] = [];
  try {
    await Deno.mkdir(dirname(file), { recursive: true });
    using part = await openPart(`${file}.part`);
    try {
      for (const address of options.addresses) {
        if (await tryAddress(part, address, fetching, failures)) return;
      }
    } finally {
      if ((await part.stat()).size === 0) await Deno.remove(`${file}.part`).catch(() => {});
    }
  } catch (error) {
    throw explainDiskError(error, name, file);
  }
  const reasons = [...new Set(failures)];
  throw new DownloadError(
    `${name} could not be fetched:\n${reasons.map((each) => `  ${each}\n`).join("")}` +
      "Check the network (a proxy is taken from HTTPS_PROXY) and try again: what has arrived is " +
      `kept. Or bring the file yourself, as ${file}`,
    reasons,
  );
}

/** Opens what has arrived before; where that is of somebody else who was interrupted, it begins anew. */
async function openPart(path: string): Promise<Deno.FsFile> {
  const options = { create: true, read: true, write: true };
  try {
    return await Deno.open(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    await Deno.remove(path);
    return await Deno.open(path, options);
  }
}

/** Tries one address as often as it makes sense; adds what went wrong to `failures`. */
async function tryAddress(
  part: Deno.FsFile,
  address: string,
  options: Fetching,
  failures: string[],
): Promise<boolean> {
  const { name, report, attempts = 4, retrySeconds = 1 } = options;
  let refusals = 0;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const started = performance.now();
      const receivedBytes = await fetchInto(part, address, options);
      await finish(part, options);
      const elapsedSeconds = (performance.now() - started) / 1000;
      report({ name, receivedBytes, elapsedSeconds, done: true });
      return true;
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error;
      failures.push(`${address}: ${error.message}`);
      if (error instanceof RefusedError) refusals++;
      // Twice the wrong file is no accident on the way: the address holds something else.
      if (error.permanent || refusals === 2 || attempt === attempts) break;
      const seconds = retrySeconds * 2 ** (attempt - 1);
      const note = `${error.message}; trying again in ${seconds} s`;
      report({ name, receivedBytes: (await part.stat()).size, elapsedSeconds: 0, note });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
  return false;
}

/** One try failed; `permanent` where the same address will not do better. */
class AttemptError extends Error {
  constructor(message: string, readonly permanent = false) {
    super(message);
  }
}

/** A whole file arrived, but not the right one. */
class RefusedError extends AttemptError {}

/** Continues `part` at its end; returns its size when the server's last byte is on the disk. */
async function fetchInto(part: Deno.FsFile, address: string, options: Fetching): Promise<number> {
  const { name, report, stallSeconds = 30 } = options;
  const started = performance.now();
  let received = (await part.stat()).size;
  const connection = new Connection(stallSeconds);
  try {
    const response = await connection.open(address, received);
    // Nothing lies beyond our end: the part is complete already, or another file's. Checking tells.
    if (response.status === 416) return received;
    if (!response.ok) {
      const temporary = response.status >= 500 || [408, 425, 429].includes(response.status);
      throw new AttemptError(`the server answers ${response.status}`, !temporary);
    }
    const range = response.headers.get("content-range");
    const resumes = response.status === 206 && range?.startsWith(`bytes ${received}-`);
    const note = resumes ? `resumed at ${(received / 1e6).toFixed(1)} MB` : undefined;
    if (!resumes && received > 0) {
      await part.truncate(0);
      received = 0;
    }
    await part.seek(received, Deno.SeekMode.Start);
    const length = response.headers.get("content-length");
    const totalBytes = length === null ? undefined : received + Number(length);
    const elapsedSeconds = () => (performance.now() - started) / 1000;
    while (true) {
      const chunk = await connection.read();
      if (!chunk) break;
      await writeAll(part, chunk);
      received += chunk.length;
      const elapsed = elapsedSeconds();
      report({ name, receivedBytes: received, totalBytes, elapsedSeconds: elapsed, note });
    }
    if (totalBytes !== undefined && received < totalBytes) {
      throw new AttemptError(`only ${received} of ${totalBytes} bytes arrived`);
    }
    return received;
  } finally {
    connection.close();
  }
}

/** One request, whose every failure is an `AttemptError`, so that it is not taken for the disk's. */
class Connection {
  #stallSeconds: number;
  #stalled = new AbortController();
  #timer?: ReturnType<typeof setTimeout>;
  #reader?: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stallSeconds: number) {
    this.#stallSeconds = stallSeconds;
  }

  async open(address: string, firstByte: number): Promise<Response> {
    const response = await this.#guard(() =>
      fetch(address, {
        headers: {
          ...(firstByte > 0 ? { range: `bytes=${firstByte}-` } : {}),
          // A compressed transfer would have no length to check and no range to resume.
          "accept-encoding": "identity",
        },
        signal: this.#stalled.signal,
      })
    );
    this.#reader = response.body?.getReader();
    return response;
  }

  /** The next piece, or nothing at the end. */
  async read(): Promise<Uint8Array | undefined> {
    return (await this.#guard(async () => await this.#reader?.read()))?.value;
  }

  close(): void {
    this.#reader?.cancel().catch(() => {});
  }

  async #guard<T>(receive: () => Promise<T>): Promise<T> {
    this.#timer = setTimeout(() => this.#stalled.abort(), this.#stallSeconds * 1000);
    try {
      return await receive();
    } catch (error) {
      if (this.#stalled.signal.aborted) {
        throw new AttemptError(`no data for ${this.#stallSeconds} s`);
      }
      throw new AttemptError(describeNetworkError(error));
    } finally {
      clearTimeout(this.#timer);
    }
  }
}

/** Unpacks and checks what has arrived, and gives it its name; a wrong file is thrown away. */
async function finish(part: Deno.FsFile, options: Fetching): Promise<void> {
  const { file, name, sha256, compression } = options;
  const partPath = `${file}.part`;
  const ready = compression ? `${file}.unpacked` : partPath;
  let found = "";
  if (compression) {
    try {
      await unpack(partPath, ready);
      found = await sha256Of(ready);
    } catch (error) {
      await Deno.remove(ready).catch(() => {});
      // The decompressor complains by a TypeError; everything else is the disk's.
      if (!(error instanceof TypeError)) throw error;
    }
  } else {
    await part.sync();
    found = await sha256Of(ready);
  }
  if (found !== sha256) {
    await part.truncate(0);
    if (compression) await Deno.remove(ready).catch(() => {});
    throw new RefusedError(
      `${name} arrived truncated or altered (its SHA-256 is not the known one): refused`,
    );
  }
  await Deno.rename(ready, file);
  if (compression) await Deno.remove(partPath);
}

function describeNetworkError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/dns error|failed to lookup/i.test(message)) return "the name is not found: no network?";
  if (/connection refused/i.test(message)) return "connection refused";
  if (/body|connection (closed|reset|error)|incomplete/i.test(message)) {
    return `the connection broke (${message})`;
  }
  return message;
}
