/** Settings in the environment: silly values are one clear line, before anything is done. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { anything, rules, unknownSettings, wrongSettings } from "../tools/settings.ts";
import { run } from "./tensor/subprocess.ts";

const noYesOrNo = ["maybe", "2", "-1", "1 1"];
const noAmount = [
  "0",
  "-1",
  "much",
  "1e3",
  "Infinity",
  "NaN",
  "0x10",
  "1,5",
  "9".repeat(400),
  " ",
  "0.00001",
];
const noFolder = [
  ...[import.meta.filename!, "x".repeat(5000), "/dev/null/data", " ", "/tmp/ ", "a\nb", "data\n"],
  ...(Deno.build.os === "linux" ? ["/proc/data"] : []), // where nobody can make one
];

/** For each variable what somebody may write who has not read what it takes. */
const silly: Record<string, string[]> = {
  TESSERA_BACKEND: ["cuda", "native wasm", "1", "native\nwasm", "\u001b[31m"],
  TESSERA_BENCH_BATCH: ["0", "-128", "128.5", "1e9", "many"],
  TESSERA_CONTAINER: noYesOrNo,
  TESSERA_DATA: [...noFolder, "\u0000"],
  TESSERA_DETERMINISTIC: noYesOrNo,
  TESSERA_DEVICE: ["tpu", "0", "gpu0"],
  TESSERA_FUSION: ["yes", "1", "all of it"],
  TESSERA_GRADING: noFolder,
  TESSERA_HEADLESS: noYesOrNo,
  TESSERA_HOME: noFolder,
  TESSERA_HUB: noYesOrNo,
  TESSERA_IDLE_SECONDS: noAmount,
  TESSERA_INSPECT: ["-1", "yes", "65536"],
  TESSERA_LANGUAGE_SERVER: noYesOrNo,
  TESSERA_LIMIT_CELL: noAmount,
  TESSERA_LIMIT_DISK: noAmount,
  TESSERA_LIMIT_MEMORY: noAmount,
  TESSERA_LIMIT_PROCESSES: ["0", "-1", "1.5", "many", "1e9"],
  TESSERA_LIMIT_SUBMISSION: noAmount,
  TESSERA_PRECISION: ["float64", "half", "32"],
  TESSERA_QUICK: ["quick", ...noYesOrNo],
  TESSERA_TENSORFLOW: ["/nowhere", import.meta.filename!],
  TESSERA_TEST_SEED: ["one", "1.5", "-3"],
  TESSERA_THREADS: ["1e9", "0", "-1", "all", "1.5", "99999999999999999999", "0x10", " "],
  TESSERA_TRACE: ["long"],
};

Deno.test("wrongSettings names each silly value, what it must be, and takes good ones and none", () => {
  const untried = Object.keys(rules).filter((name) => rules[name] !== anything && !silly[name]);
  assertEquals(untried, []);
  for (const [name, values] of Object.entries(silly)) {
    for (const value of values) {
      const lines = wrongSettings({ [name]: value });
      assertEquals(lines.length, 1, `${name}=${value}`);
      assertStringIncludes(lines[0], `${name} is `);
      assertStringIncludes(lines[0], ", must be ");
      assert(lines[0].length < 200 && !lines[0].includes("\n"), lines[0]);
    }
    assertEquals(wrongSettings({ [name]: "" }), []);
  }
  const good = {
    TESSERA_BACKEND: "WASM",
    TESSERA_DEVICE: "cpu",
    TESSERA_THREADS: "4",
    TESSERA_QUICK: "yes",
  };
  assertEquals(
    wrongSettings({ ...good, TESSERA_HOME: "/tmp/not/there/yet", TESSERA_DATA: root }),
    [],
  );
  const [line] = unknownSettings({ TESSERA_THREAD: "4", TESSERA_QUICK: "1", PATH: "" });
  assertEquals(line, "there is no setting TESSERA_THREAD. Did you mean TESSERA_THREADS?");
});

Deno.test("every variable that the programs read has a rule", async () => {
  const read = new Set<string>();
  const look = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await look(path);
      else if (/\.(ts|py|sh)$/.test(name)) {
        const text = await Deno.readTextFile(path);
        const names = text.matchAll(/(?:variable|flag|get|pop)\("(TESSERA_[A-Z_]+)"/g);
        for (const [, name] of names) read.add(name);
      }
    }
  };
  const folders = ["lib", "language", "tools", "python", "bench", "marking", "playground", "site"];
  for (const folder of folders) {
    await look(join(root, folder));
  }
  assert(read.size > 9, [...read].join());
  const unknown = unknownSettings(Object.fromEntries([...read].map((name) => [name, "1"])));
  assertEquals(unknown, []);
});

Deno.test("a command has a line for each setting that is silly, and does nothing", async () => {
  const env = Object.fromEntries(Object.entries(silly).map(([name, [first]]) => [name, first]));
  // Of the device the set-up asks first, alone.
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["data"],
    env: { ...env, TESSERA_DEVICE: "cpu", NO_COLOR: "1" },
  }).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const names = said.trim().split("\n").map((line) =>
    /^tessera: (\w+) is /.exec(line)?.[1] ?? line
  );
  assertEquals([code, out], [2, ""]);
  assertEquals(names.sort(), Object.keys(env).filter((name) => name !== "TESSERA_DEVICE").sort());
});

Deno.test("the set-up, which asks for the device, names a silly one in one short line", async () => {
  for (const value of ["a\nb", " ", "9".repeat(10_000), "\u001b[31mgpu"]) {
    const { code, stderr } = await new Deno.Command(join(root, "tessera"), {
      args: ["data"],
      env: { TESSERA_DEVICE: value, NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 1, said);
    assert(/^tessera: TESSERA_DEVICE is auto, cpu or gpu, not "[ -~]{0,60}"\.\n$/.test(said), said);
  }
});

Deno.test("a command and a notebook's import refuse a silly number of threads in one line", async () => {
  const { code, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["data"],
    env: { TESSERA_THREADS: "1e9", TESSERA_QUICK: "often", NO_COLOR: "1" },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [
    2,
    'tessera: TESSERA_QUICK is "often", must be 1 or 0.\n' +
    'tessera: TESSERA_THREADS is "1e9", must be a whole number from 1 to 1,024.\n',
  ]);
  const imported = await run('await import("./lib/tensor/tf.ts")', {
    TESSERA_THREADS: "1000000000",
  });
  assertStringIncludes(
    imported.errors,
    'TESSERA_THREADS is "1000000000"; it must be a positive whole',
  );
});

Deno.test("a relative TESSERA_DATA is one folder, wherever in a home a program runs", async () => {
  const home = await Deno.makeTempDir();
  try {
    const importMap = `file://${root}/import_map.json`;
    await Deno.writeTextFile(join(home, "deno.json"), JSON.stringify({ importMap }));
    const program = `const { ownDataFolders } = await import("${root}/lib/datasets/data_folder.ts");
      console.log(ownDataFolders("mnist")[1]);`;
    const folders = await Promise.all(["unit1", "unit2/deep"].map(async (folder) => {
      await Deno.mkdir(join(home, folder), { recursive: true });
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", "--quiet", "--no-config", program],
        cwd: join(home, folder),
        env: { TESSERA_DATA: "sets" },
      }).output();
      return new TextDecoder().decode(stdout).trim();
    }));
    assertEquals(folders, Array(2).fill(join(await Deno.realPath(home), "sets", "mnist")));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
