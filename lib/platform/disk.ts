/** Files and folders as they are; what is written here may be found half written (see `files.ts`). */

/** What a folder holds. */
export interface Entry {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
}

/** What is known of a file without reading it; of a link, of what it leads to. */
export interface FileInformation {
  /** In bytes. */
  size: number;
  /** When it was changed. */
  mtime: Date | null;
  isFile: boolean;
  isDirectory: boolean;
}

/** Whether a folder of many small files lies on a disk, and stays there when the program ends. */
export const keepsFolders: boolean = true;

/** The errors of files and folders. */
export const {
  AlreadyExists,
  FilesystemLoop,
  IsADirectory,
  NotADirectory,
  NotFound,
  PermissionDenied,
} = Deno.errors;

/** Throws a NotFound where there is no such file; so do the others. */
export function readFile(file: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(file);
}

export function readText(file: string | URL): Promise<string> {
  return Deno.readTextFile(file);
}

/** The first bytes of a file, at most so many. */
export async function readBeginning(file: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  using opened = await Deno.open(file);
  const bytes = new Uint8Array(most);
  let read = 0;
  for (let more: number | null = 0; more !== null && read < most; read += more ?? 0) {
    more = await opened.read(bytes.subarray(read));
  }
  return bytes.subarray(0, read);
}

export function writeFile(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  return Deno.writeFile(file, bytes);
}

/** A file that is held open: its content can be read though somebody moves or deletes it. */
export interface OpenFile {
  /** All of it. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

export async function openToRead(path: string): Promise<OpenFile> {
  const file = await Deno.open(path);
  return {
    async read() {
      const bytes = new Uint8Array((await file.stat()).size);
      await file.seek(0, Deno.SeekMode.Start);
      for (let read = 0; read < bytes.length;) {
        const more = await file.read(bytes.subarray(read));
        if (more === null) return bytes.slice(0, read);
        read += more;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}

/** A file that grows; every call is on the disk when it returns. */
export interface GrowingFile {
  /** Throws a NotFound where the file was moved or deleted. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Opens a file at its end. It and its folder are made where they are not there. */
export function openAtEnd(folder: string, name: string): GrowingFile {
  const path = `${folder}/${name}`;
  Deno.mkdirSync(folder, { recursive: true });
  const file = Deno.openSync(path, { write: true, create: true, append: true });
  return {
    write(bytes) {
      if (!isAt(path, file)) throw new NotFound(`${path} was moved or deleted`);
      for (let written = 0; written < bytes.length;) {
        written += file.writeSync(bytes.subarray(written));
      }
    },
    close: () => file.close(),
  };
}

function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch {
    return false;
  }
}

/** Gives a file or folder another name; a file that has that name already is lost. */
export function rename(from: string, to: string): Promise<void> {
  return Deno.rename(from, to);
}

/** Removes a file or an empty folder. */
export function remove(path: string): Promise<void> {
  return Deno.remove(path);
}

/** Makes a folder, and those that it lies in, where they are not there. */
export function makeFolder(folder: string): Promise<void> {
  return Deno.mkdir(folder, { recursive: true });
}

export function list(folder: string): AsyncIterable<Entry> {
  return Deno.readDir(folder);
}

export function information(path: string): Promise<FileInformation> {
  return Deno.stat(path);
}
