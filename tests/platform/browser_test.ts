/** The library's files for browsers stand where those for Deno stand: each offers the same names and types. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import * as archive from "../../lib/platform/fetching/archive.ts";
import * as digests from "../../lib/platform/digests.ts";
import * as disk from "../../lib/platform/disk.ts";
import * as download from "../../lib/platform/fetching/download.ts";
import * as environment from "../../lib/platform/environment.ts";
import * as files from "../../lib/platform/files.ts";
import * as lock from "../../lib/platform/lock.ts";
import * as npmPackage from "../../lib/platform/fetching/npm_package.ts";
import * as obtain from "../../lib/platform/fetching/obtain.ts";
import * as output from "../../lib/platform/output.ts";
import * as packageFiles from "../../lib/platform/package_files.ts";
import * as paths from "../../lib/platform/paths.ts";
import * as pictures from "../../lib/platform/pictures.ts";
import * as places from "../../lib/platform/places.ts";
import * as programs from "../../lib/platform/programs.ts";
import * as signals from "../../lib/platform/signals.ts";
import * as stack from "../../lib/platform/stack.ts";
import * as terminal from "../../lib/platform/terminal.ts";
import * as variable from "../../lib/platform/variable.ts";
import * as browserArchive from "../../lib/platform/browser/fetching/archive.ts";
import * as browserDigests from "../../lib/platform/browser/digests.ts";
import * as browserDisk from "../../lib/platform/browser/disk.ts";
import * as browserDownload from "../../lib/platform/browser/fetching/download.ts";
import * as browserEnvironment from "../../lib/platform/browser/environment.ts";
import * as browserFiles from "../../lib/platform/browser/files.ts";
import * as browserLock from "../../lib/platform/browser/lock.ts";
import * as browserNpmPackage from "../../lib/platform/browser/fetching/npm_package.ts";
import * as browserObtain from "../../lib/platform/browser/fetching/obtain.ts";
import * as browserOutput from "../../lib/platform/browser/output.ts";
import * as browserPackageFiles from "../../lib/platform/browser/package_files.ts";
import * as browserPaths from "../../lib/platform/browser/paths.ts";
import * as browserPictures from "../../lib/platform/browser/pictures.ts";
import * as browserPlaces from "../../lib/platform/browser/places.ts";
import * as browserPrograms from "../../lib/platform/browser/programs.ts";
import * as browserSignals from "../../lib/platform/browser/signals.ts";
import * as browserStack from "../../lib/platform/browser/stack.ts";
import type { Script } from "../../lib/platform/browser/script_places.ts";
import { announce } from "../../lib/tensor/browser/announce.ts";
import * as browserTerminal from "../../lib/platform/browser/terminal.ts";
import * as browserVariable from "../../lib/platform/browser/variable.ts";
import type { BrowserHost } from "../../lib/platform/browser/host.ts";

/** The names of two modules, of which the second must be of the first one's type. */
function names<Module extends object>(
  deno: Module,
  browser: NoInfer<Module>,
): [string[], string[]] {
  return [Object.keys(deno).sort(), Object.keys(browser).sort()];
}

/** What is a class's own of one platform, such as the errors of files, has another constructor. */
type Loose<Module> = { [Name in keyof Module]: unknown };

const pairs: Record<string, [deno: string[], browser: string[]]> = {
  "fetching/archive": names(archive, browserArchive),
  "fetching/download": names(
    download as Omit<typeof download, "alone" | "fetchAlone">,
    browserDownload,
  ),
  "fetching/npm_package": names(npmPackage, browserNpmPackage),
  "fetching/obtain": names(obtain, browserObtain),
  digests: names(digests, browserDigests),
  disk: names(disk as Loose<typeof disk>, browserDisk),
  environment: names(environment, browserEnvironment),
  files: names(files as Omit<typeof files, "isFileAt">, browserFiles),
  lock: names(lock, browserLock),
  output: names(output, browserOutput),
  package_files: names(packageFiles, browserPackageFiles),
  paths: names(paths, browserPaths),
  pictures: names(pictures, browserPictures),
  places: names(places, browserPlaces),
  programs: names(programs, browserPrograms),
  signals: names(signals as Loose<typeof signals>, browserSignals),
  stack: names(stack, browserStack),
  terminal: names(terminal, browserTerminal),
  variable: names(variable, browserVariable),
};

Deno.test("the platform's files for browsers offer what those for Deno offer", () => {
  for (const [name, [deno, browser]] of Object.entries(pairs)) {
    // Some of what Deno's own side needs of another file is asked for by nobody else.
    const own = ["alone", "fetchAlone", "isFileAt", "fileURLToPath"];
    assertEquals(browser, deno.filter((each) => !own.includes(each)), name);
  }
});

Deno.test("no file for browsers names Deno or Node", async () => {
  let count = 0;
  const visit = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await visit(path);
      else {
        count++;
        const code = (await Deno.readTextFile(path)).replace(/\/\*[\s\S]*?\*\//g, "");
        assert(!/\bDeno\.\w|"node:/.test(code), path);
      }
    }
  };
  for (const part of ["platform", "tensor"]) await visit(join(root, "lib", part, "browser"));
  assert(count > 20, `${count} files`);
});

/** Calls with a host whose notebook lies in a folder. */
function inFolder<T>(folder: string, call: () => T): T {
  const key = Symbol.for("tessera.browser");
  const global = globalThis as unknown as Record<symbol, Partial<BrowserHost>>;
  global[key] = { folder, environment: {} };
  try {
    return call();
  } finally {
    delete global[key];
  }
}

Deno.test("paths in the browser are those of Deno", () => {
  const here = Deno.cwd();
  const parts = ["a", "..", ".", "/b/c", "../../d/", "e//f", "", "/"];
  inFolder(here, () => {
    for (const one of parts) {
      if (one !== "") {
        assertEquals(browserPaths.dirname(one), paths.dirname(one), one);
        assertEquals(browserPaths.basename(one), paths.basename(one), one);
      }
      for (const other of parts) {
        const what = `${one} ${other}`;
        assertEquals(browserPaths.resolve(one, other), paths.resolve(one, other), what);
        assertEquals(browserPaths.relative(one, other), paths.relative(one, other), what);
        const joined = paths.join(one, other).replace(/(?<=.)\/$/, "");
        assertEquals(browserPaths.join(one, other), joined, what);
      }
    }
  });
});

Deno.test("files in the browser are written with their folders, renamed and removed", async () => {
  const held = new Map<string, Uint8Array<ArrayBuffer> | null>([["/home", null], [
    "/home/unit1",
    null,
  ]]);
  const information = (path: string) => {
    const found = held.get(path);
    if (found === undefined) return undefined;
    const size = found?.length ?? 0;
    return { size, mtime: null, isFile: found !== null, isDirectory: found === null };
  };
  const key = Symbol.for("tessera.browser");
  const global = globalThis as unknown as Record<symbol, Partial<BrowserHost>>;
  global[key] = {
    folder: "/home/unit1",
    files: {
      information,
      inMemory: (path) => held.get(path) ?? undefined,
      read: (path) => Promise.resolve(held.get(path)!),
      write(path, chunks) {
        assertEquals(held.get(path.slice(0, path.lastIndexOf("/"))), null, `the folder of ${path}`);
        return new Blob([...chunks]).bytes().then((bytes) => void held.set(path, bytes));
      },
      remove: (path) => Promise.resolve(void held.delete(path)),
      makeFolder: (path) => Promise.resolve(void held.set(path, null)),
      list: (folder) =>
        Promise.resolve(
          [...held.keys()].filter((path) => path.slice(0, path.lastIndexOf("/")) === folder)
            .map((path) => ({ name: path.slice(folder.length + 1), ...information(path)! })),
        ),
    },
  };
  try {
    await browserFiles.writeTextAtomically("../runs/own/log.json", "[]");
    assertEquals(await browserDisk.readText("/home/runs/own/log.json"), "[]");
    assertEquals(browserFiles.readTextIfThere("../runs/own/log.json"), "[]");
    assertEquals(browserFiles.readTextIfThere("../runs/own/other.json"), undefined);
    assertEquals(browserFiles.exists("../runs/own"), true);
    await browserDisk.rename("../runs/own", "../runs/before");
    assertEquals([...held.keys()].sort(), [
      ...["/home", "/home/runs", "/home/runs/before", "/home/runs/before/log.json", "/home/unit1"],
    ]);
    await assertRejects(() => browserDisk.remove("../runs/before"), Error, "not empty");
    await assertRejects(() => browserDisk.information("../runs/nothing"), browserDisk.NotFound);
    await browserDisk.remove("../runs/before/log.json");
    assertEquals(browserFiles.exists("../runs/before/log.json"), false);
  } finally {
    delete global[key];
  }
});

Deno.test("the line at the start says what computes, and where a browser has no SIMD for it", () => {
  const key = Symbol.for("tessera.browser");
  const global = globalThis as unknown as Record<symbol, Partial<BrowserHost>>;
  const lines: string[] = [];
  global[key] = { introduce: (line) => void lines.push(line) };
  try {
    const report = { device: "cpu", version: "tfjs 4", reason: "" } as const;
    announce({ ...report, kind: "wasm" });
    announce({ ...report, kind: "javascript" });
  } finally {
    delete global[key];
  }
  assertMatch(
    lines[0],
    /^Tessera computes in this browser, by tfjs 4: .* two to four times as long/,
  );
  assertMatch(
    lines[1],
    /slowly: it has no WASM with SIMD, as Chrome and Edge have from version 91/,
  );
});

/** What stacks say of a script that the site brings, in two browsers' ways. */
Deno.test("a place in a bundle is read as the one in the library's file", () => {
  const address = "https://course.example.org/course/parts/chunk.js";
  const global = globalThis as { tesseraScripts?: Record<string, Script> };
  const begins = [[0, 0, -1], [0, 500, 0], [2, 40, 1], [2, 90, -1]] as const;
  const files = ["lib/nn/functional.ts", "lib/mod.ts"];
  global.tesseraScripts![address] = { files, begins, classes: [["Linear", 1, 0, 2, 60]] };
  const read = (line: string) => browserStack.stackOf({ name: "Error", stack: line });
  const file = "https://course.example.org/course/parts/lib/nn/functional.ts";
  try {
    assertEquals(read(`    at patchify (${address}:1:501)`), `    at patchify (${file}:1:501)`);
    assertEquals(read(`patchify@${address}:1:701`), `Error\n    at patchify (${file}:1:701)`);
    assertEquals(read(`forward@${address}:2:7`), `Error\n    at Linear.forward (${file}:2:7)`);
    assertEquals(read(`_Linear@${address}:2:7`), `Error\n    at new Linear (${file}:2:7)`);
    const operation = `relu_@${address}:1:800\nop/f2<@${address}:1:900\nchecked<@${address}:1:950`;
    assertEquals(read(operation).split("\n").slice(2), [
      `    at relu__op (${file}:1:900)`,
      `    at checked (${file}:1:950)`,
    ]);
    assertEquals(read(`    at ${address}:1:7`), `    at ${address}:1:7`);
    assertMatch(read(`    at x (${address}:3:60)`), /lib\/mod\.ts:3:60/);
    assertEquals(read(`    at x (${address}:3:95)`), `    at x (${address}:3:95)`);
    assertEquals(read("Error: a@b\n    at cell:3:1:2"), "Error: a@b\n    at cell:3:1:2");
  } finally {
    delete global.tesseraScripts![address];
  }
});

Deno.test("homePath in the browser is seen from the notebook's folder", () => {
  const seen = (folder: string) => inFolder(folder, () => browserPlaces.homePath("runs", "own"));
  assertEquals(seen("/home/unit1"), "../runs/own");
  assertEquals(seen("/home"), "runs/own");
  assertEquals(inFolder("/home", () => browserPlaces.projectPath("data")), "/course/data");
});

Deno.test("checksums in the browser are those of Deno", async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index * index);
  assertEquals(browserDigests.crc32(bytes), digests.crc32(bytes));
  assertEquals(
    browserDigests.crc32(bytes.subarray(400), browserDigests.crc32(bytes.subarray(0, 400))),
    digests.crc32(bytes),
  );
  assertEquals(await browserDigests.sha256("naïve"), await digests.sha256("naïve"));
});
