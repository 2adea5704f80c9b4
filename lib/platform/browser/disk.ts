import type { Entry, FileInformation, GrowingFile, OpenFile } from "../disk.ts";
import { host, NotFound } from "./host.ts";
import { dirname, resolve } from "./paths.ts";

export { NotFound };
export type { Entry, FileInformation, GrowingFile, OpenFile };

export const keepsFolders = false;

/** The browser's storage knows no such errors; nothing throws them. */
export class AlreadyExists extends Error {}
export class FilesystemLoop extends Error {}
export class IsADirectory extends Error {}
export class NotADirectory extends Error {}
export class PermissionDenied extends Error {}

export function readFile(file: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  return typeof file === "string" ? host().files.read(resolve(file)) : fetchFile(file);
}

async function fetchFile(address: URL): Promise<Uint8Array<ArrayBuffer>> {
  const reply = await fetch(address);
  if (!reply.ok) throw new NotFound(`${address}: ${reply.status} ${reply.statusText}`);
  return new Uint8Array(await reply.arrayBuffer());
}

export async function readText(file: string | URL): Promise<string> {
  return new TextDecoder().decode(await readFile(file));
}

export async function readBeginning(file: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  return (await readFile(file)).subarray(0, most);
}

export function writeFile(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  return host().files.write(resolve(file), [bytes]);
}

// deno-lint-ignore require-await -- as elsewhere
export async function openToRead(path: string): Promise<OpenFile> {
  return { read: () => readFile(path), close() {} };
}

/** Keeps nothing: what grows are logs for TensorBoard, a program that no browser starts. */
export function openAtEnd(_folder: string, _name: string): GrowingFile {
  return { write() {}, close() {} };
}

export async function rename(from: string, to: string): Promise<void> {
  const { files } = host();
  const [old, fresh] = [resolve(from), resolve(to)];
  const found = files.information(old);
  if (!found) throw new NotFound(`No such file or directory: ${old}`);
  if (found.isFile) {
    await files.write(fresh, [await files.read(old)]);
    return await files.remove(old);
  }
  await files.makeFolder(fresh);
  for (const { name } of await files.list(old)) await rename(`${old}/${name}`, `${fresh}/${name}`);
  await files.remove(old);
}

export async function remove(path: string): Promise<void> {
  const { files } = host();
  const whole = resolve(path);
  const found = files.information(whole);
  if (!found) throw new NotFound(`No such file or directory: ${whole}`);
  if (found.isDirectory && (await files.list(whole)).length > 0) {
    throw new Error(`Directory not empty: ${whole}`);
  }
  await files.remove(whole);
}

export async function makeFolder(folder: string): Promise<void> {
  const whole = resolve(folder);
  if (host().files.information(whole)?.isDirectory) return;
  if (dirname(whole) !== whole) await makeFolder(dirname(whole));
  await host().files.makeFolder(whole);
}

export async function* list(folder: string): AsyncIterable<Entry> {
  yield* await host().files.list(resolve(folder));
}

// deno-lint-ignore require-await -- as elsewhere
export async function information(path: string): Promise<FileInformation> {
  const found = host().files.information(resolve(path));
  if (!found) throw new NotFound(`No such file or directory: ${path}`);
  return found;
}
