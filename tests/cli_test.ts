/** The command line as a user meets it: every mistake gets one clear line and an exit code. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root, suggestion } from "../tools/command.ts";
import { unitNames } from "../tools/notebooks.ts";

/** Runs `./tessera` with arguments and returns exit code and output. */
async function tessera(args: string[], cwd = root): Promise<{ code: number; said: string }> {
  const command = new Deno.Command(join(root, "tessera"), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const commands = [
  ...[
    "lab",
    "update",
    "history",
    "run",
    "test",
    "check",
    "pdf",
    "release",
    "train",
    "tensorboard",
    "doctor",
    "specs",
    "kernel",
  ],
  ...["bench", "data", "playground", "site", "docs", "home"],
];

Deno.test("tessera without arguments and tessera help list every command", async () => {
  const [bare, help, ofRun] = await Promise.all([
    tessera([]),
    tessera(["help"]),
    tessera(["run", "--help"]),
  ]);
  assertEquals(bare, help);
  assertEquals(ofRun, help);
  assertEquals(help.code, 0);
  for (const command of commands) assertMatch(help.said, new RegExp(`\\./tessera ${command}\\b`));
});

Deno.test("tessera --version names the version, before anything is set up", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  for (const name of ["--version", "-v", "version"]) {
    const { code, said } = await tessera([name]);
    assertEquals(code, 0);
    assertMatch(said, new RegExp(`^Tessera ${version}(, commit [0-9a-f]+)?\n$`));
  }
});

Deno.test("tessera prints paths as they are seen through a linked folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const link = join(folder, "course");
    await Deno.symlink(root, link);
    const shell = (script: string) =>
      new Deno.Command("/bin/sh", { args: ["-c", script], cwd: folder, env: { NO_COLOR: "1" } })
        .output();
    const { stderr } = await shell(`cd course/tests && ../tessera run notebooks/canary.ipynb`);
    const said = new TextDecoder().decode(stderr);
    assertStringIncludes(said, "[1/1] notebooks/canary.ipynb …");
    assertMatch(said, /what ran until then is in \.\.\/out\//);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every command of the help has its program", async () => {
  for (const command of commands) {
    const file = command === "bench" ? "bench/main.ts" : `tools/${command}.ts`;
    assert((await Deno.stat(join(root, file))).isFile, file);
  }
});

Deno.test("tessera refuses a wrong command and suggests one", async () => {
  const { code, said } = await tessera(["tests"]);
  assertEquals(code, 2);
  assertEquals(said.trim().split("\n").length, 1);
  assertStringIncludes(said, 'no command "tests". Did you mean "test"?');
  const far = await tessera(["photograph"]);
  assertEquals(far.said.includes("Did you mean"), false);
  assertStringIncludes(far.said, "The commands are: help lab home");
});

Deno.test("tessera run refuses a wrong unit with a suggestion", async () => {
  const [unit] = unitNames();
  const { code, said } = await tessera(["run", `${unit}0`]);
  assertEquals(code, 2);
  assertEquals(said.trim().split("\n").length, 1);
  assertStringIncludes(said, `There is no notebook, unit or folder "${unit}0".`);
  assertStringIncludes(said, `Did you mean "${unit}"?`);
});

Deno.test("tessera run refuses what is no notebook, and no argument at all", async () => {
  const [file, nothing, option] = await Promise.all([
    tessera(["run", "deno.json"]),
    tessera(["run"]),
    tessera(["run", "--fast"]),
  ]);
  assertEquals([file.code, nothing.code, option.code], [2, 2, 2]);
  assertStringIncludes(file.said, "deno.json is not a notebook");
  assertStringIncludes(nothing.said, "run needs a notebook");
  assertStringIncludes(option.said, 'no option "--fast"');
});

Deno.test("tessera run shows the failing cell and leaves what ran until then", async () => {
  // Called from another folder, as a user in the middle of the project would.
  const { code, said } = await tessera(["run", "canary"], join(root, "tests", "notebooks"));
  assertEquals(code, 1, said);
  assertStringIncludes(said, "failed in cell 3");
  assertStringIncludes(said, "the canary's wrong sum");
  assertMatch(said, /cell \[\d\], line \d/);
  assertEquals(/<anonymous>|Stack trace/.test(said), false, said);
  const copy = await Deno.readTextFile(
    join(root, "out", "solved", "tests", "notebooks", "canary.ipynb"),
  );
  assertStringIncludes(copy, "2 + 40 = 42");
  assertEquals(copy.includes("A run that gets here has missed the failure.\\n"), false);
});

Deno.test("tessera test refuses a wrong file with a suggestion", async () => {
  const { code, said } = await tessera(["test", "cli_tests"]);
  assertEquals(code, 2);
  assertMatch(said, /no test file or folder "cli_tests"\. Did you mean "cli_test.ts"\?/);
});

Deno.test("tessera check NOTEBOOK finds a wrong type, and says in which cell and line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const code = (source: string) => ({ cell_type: "code", metadata: {}, outputs: [], source });
    const cells = [
      code('import * as tf from "@tensorflow/tfjs";'),
      code("const zeros = tf.zeros([2]);\n\nconst ones: number = tf.onesLike(zeros);"),
      code("tf.reshap(zeros, [1, 2]);"),
    ];
    const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 4 };
    await Deno.writeTextFile(join(folder, "mine.ipynb"), JSON.stringify(notebook));
    const { code: exitCode, said } = await tessera(["check", "mine"], folder);
    assertEquals(exitCode, 1);
    assertMatch(said, /mine\.ipynb, cell 2, line 3: .* not assignable to type 'number'/);
    assertMatch(said, /mine\.ipynb, cell 3, line 1: .*'reshap' does not exist on type 'tf'/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tessera lab and tensorboard refuse names that they cannot show", async () => {
  const [lab, after, port, board] = await Promise.all([
    tessera(["lab", "unit99", "--no-browser"]),
    tessera(["lab", "--no-browser", "--port", "8899", "unit99"]),
    tessera(["lab", "--port=70000", "unit1"]),
    tessera(["tensorboard", "unit1"]),
  ]);
  assertEquals([lab.code, after.code, port.code, board.code], [2, 2, 2, 2]);
  assertMatch(lab.said, /no notebook or folder "unit99" in \/.*\w\./);
  assertEquals(after.said, lab.said);
  assertEquals(port.said, 'tessera: --port is a number up to 65535, not "70000".\n');
  assertStringIncludes(board.said, 'takes no "unit1"');
});

Deno.test("Jupyter's kernel keeps freed memory, unless the user has set the allocator", async () => {
  const kernel = join(root, ".venv/share/jupyter/kernels/deno/kernel.json");
  const { argv } = JSON.parse(await Deno.readTextFile(kernel));
  assertEquals(argv.slice(0, 2), ["/bin/sh", join(root, "tools/kernel.sh")]);
  const folder = await Deno.makeTempDir();
  try {
    const program = join(folder, "deno");
    // What the kernel is started with, said in place of running.
    await Deno.writeTextFile(join(folder, "python"), '#!/bin/sh\necho "$GLIBC_TUNABLES" "$@"\n', {
      mode: 0o755,
    });
    const start = async (env: Record<string, string>) => {
      const command = new Deno.Command(argv[0], {
        args: [argv[1], program, "a b.json"],
        clearEnv: true,
        env: { PATH: Deno.env.get("PATH") ?? "", ...env },
      });
      return new TextDecoder().decode((await command.output()).stdout).trim();
    };
    const rest = `-P -S ${root}/python/tessera_kernel/__main__.py ${program} a b.json`;
    assertMatch(await start({}), new RegExp(`^glibc\\.malloc\\.\\S+hugetlb=1 ${rest}$`));
    assertEquals(
      await start({ GLIBC_TUNABLES: "glibc.malloc.check=1" }),
      `glibc.malloc.check=1 ${rest}`,
    );
    assertEquals(await start({ GLIBC_TUNABLES: "" }), rest);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("suggestion stays silent where nothing is near", () => {
  assertEquals(suggestion("unit11", ["unit1", "unit2"]), ' Did you mean "unit1"?');
  assertEquals(suggestion("mnist", ["unit1", "mnist-vit"]), ' Did you mean "mnist-vit"?');
  assertEquals(suggestion("xyz", ["unit1", "unit2"]), "");
  assertEquals(suggestion("unit1", []), "");
});

Deno.test("what the disk does not allow is one line, and a mistake of the program its call stack", async () => {
  const said = async (error: string) => {
    const lines = [
      `import { runCommand } from "${import.meta.resolve("../tools/command.ts")}";`,
      `import { FileError } from "${import.meta.resolve("../lib/platform/files.ts")}";`,
      `await runCommand(() => { throw new ${error}; });`,
    ];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--config", join(root, "deno.json"), lines.join("\n")],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 1);
    return new TextDecoder().decode(stderr);
  };
  assertEquals(await said('Deno.errors.PermissionDenied("not yours")'), "tessera: not yours\n");
  assertEquals(await said('FileError("the disk is full")'), "tessera: the disk is full\n");
  assertEquals(await said('Deno.errors.AlreadyExists("a file")'), "tessera: a file\n"); // no folder
  assertEquals(
    await said('Error("Read-only file system (os error 30)")'),
    "tessera: Read-only file system (os error 30)\n",
  );
  assertMatch(await said('TypeError("a slip")'), /TypeError: a slip\n[^]*\n +at /);
});
