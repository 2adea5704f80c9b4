/** The same door behind nbconvert, nbgrader and JupyterLab. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { root } from "../../tools/command.ts";

const python = `${root}/.venv/bin/python`;
const environment = {
  JUPYTER_PATH: `${root}/.venv/share/jupyter`,
  PATH: `${root}/.venv/bin:${Deno.env.get("PATH")}`,
  NO_COLOR: "1",
};

/** A notebook of code cells, with nbgrader's metadata where a cell has it. */
function notebook(cells: (string | [source: string, nbgrader: object])[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    cells: cells.map((each, index) => {
      const [source, nbgrader] = typeof each === "string" ? [each] : each;
      return {
        ...{ cell_type: "code", id: `cell-${index}`, source, outputs: [], execution_count: null },
        metadata: nbgrader ? { nbgrader } : {},
      };
    }),
  });
}

async function run(args: string[], cwd: string): Promise<{ code: number; said: string }> {
  const command = new Deno.Command(python, { args, cwd, env: environment });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-kernel-test-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("nbconvert goes on after a timeout and after errors, which are whole, as the outputs are", () =>
  inFolder(async (folder) => {
    const lines = 20_000;
    await Deno.writeTextFile(
      `${folder}/a.ipynb`,
      notebook([
        "let kept = 41;",
        "while (true) {}",
        "console.log('kept', kept + 1);",
        `for (let i = 0; i < ${lines}; i++) console.log(i);`,
        "const wrong = = 1;",
        "const label: number = 3;\nlabels.push(label);",
        "Deno.exit(0);",
        "console.log('kept', kept + 2);",
      ]),
    );
    const { code, said } = await run([
      ...["-m", "nbconvert", "--to", "notebook", "--execute", "a.ipynb", "--output", "b.ipynb"],
      ...["--ExecutePreprocessor.timeout=3", "--ExecutePreprocessor.interrupt_on_timeout=True"],
      "--allow-errors",
    ], folder);
    assertEquals(code, 0, said);
    const { cells } = JSON.parse(await Deno.readTextFile(`${folder}/b.ipynb`));
    const outputs: { text?: string[]; ename?: string; traceback?: string[] }[][] = cells.map((
      { outputs }: { outputs: unknown },
    ) => outputs);
    const printed = outputs.map((each) => each.map(({ text = [] }) => text.join("")).join(""));
    assertEquals(printed[3], Array.from({ length: lines }, (_, i) => `${i}\n`).join(""));
    assertEquals([printed[2], printed[7]], ["kept 42\n", "kept 43\n"]);
    const errors = outputs.map((each) => each.find(({ ename }) => ename));
    assertEquals(errors.map((error) => error?.ename), [
      ...[undefined, "Stopped", undefined, undefined],
      ...["SyntaxError", "ReferenceError", "Error", undefined],
    ]);
    assertStringIncludes(errors[4]!.traceback!.join("\n"), "→ 1 | const wrong = = 1;");
    assertStringIncludes(errors[5]!.traceback!.join("\n"), "→ 2 | labels.push(label);");
  }));

Deno.test("nbconvert stops at the first error, and fails for it", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/a.ipynb`,
      notebook([
        "throw new RangeError('on purpose');",
        `await Deno.writeTextFile("${folder}/ran", "");`,
      ]),
    );
    const { code, said } = await run(
      ["-m", "nbconvert", "--to", "notebook", "--execute", "a.ipynb", "--output", "b.ipynb"],
      folder,
    );
    assertEquals(code, 1, said);
    assertStringIncludes(said, "on purpose");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.ipynb"]);
  }));

Deno.test("nbconvert fails for an error in a promise that nothing awaits, without the library", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/a.ipynb`,
      notebook(["Promise.reject(new Error('of a promise'));"]),
    );
    const { code, said } = await run(
      ["-m", "nbconvert", "--to", "notebook", "--execute", "a.ipynb", "--output", "b.ipynb"],
      folder,
    );
    assertEquals(code, 1, said);
    assertStringIncludes(said, "of a promise");
  }));

Deno.test("nbgrader grades on after an endless loop and after code that does not parse", () =>
  inFolder(async (folder) => {
    const task = (id: string) => ({
      ...{
        grade: false,
        grade_id: id,
        locked: false,
        schema_version: 3,
        solution: true,
        task: false,
      },
    });
    const check = (id: string) => ({
      ...{
        grade: true,
        grade_id: id,
        locked: true,
        schema_version: 3,
        solution: false,
        task: false,
      },
      points: 1,
    });
    const cells = (first: string, second: string, third: string): [string, object][] => [
      [first, task("one")],
      ["if (one() !== 1) throw new Error('one');", check("check-one")],
      [second, task("two")],
      ["if (two() !== 2) throw new Error('two');", check("check-two")],
      [third, task("three")],
      ["if (three() !== 3) throw new Error('three');", check("check-three")],
    ];
    const given = "function one() { /* 1 */ }";
    const source = cells(
      given,
      given.replaceAll("1", "2").replace("one", "two"),
      given.replace("one", "three"),
    );
    const handedIn = cells(
      "function one() { while (true) {} }",
      "function two() { return = 2 }",
      "function three() { return 3; }",
    );
    for (const [place, text] of [["source/ps", source], ["submitted/ada/ps", handedIn]] as const) {
      await Deno.mkdir(`${folder}/${place}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${place}/a.ipynb`, notebook([...text]));
    }
    await Deno.writeTextFile(
      `${folder}/nbgrader_config.py`,
      "c = get_config()\nc.CourseDirectory.course_id = 'kernel'\nc.Execute.timeout = 4\n" +
        "c.Execute.interrupt_on_timeout = True\nc.ClearSolutions.code_stub = {'typescript': ''}\n",
    );
    for (const args of [["generate_assignment", "ps"], ["autograde", "ps"]]) {
      const { code, said } = await run(["-m", "nbgrader", ...args], folder);
      assertEquals(code, 0, said);
    }
    const graded = JSON.parse(await Deno.readTextFile(`${folder}/autograded/ada/ps/a.ipynb`));
    const errors = graded.cells.map(({ outputs }: { outputs: { ename?: string }[] }) =>
      outputs.find(({ ename }) => ename)?.ename
    );
    assertEquals(errors, [
      undefined,
      "Stopped",
      "SyntaxError",
      "ReferenceError",
      undefined,
      undefined,
    ]);
  }));
