/** The worked example of docs/authoring.md, put in place in a copy of the project and run there. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { root } from "../../tools/command.ts";
import { type Cell, notebookText, readNotebook, textOf } from "../../tools/notebooks.ts";
import { makeInstallation } from "../places/installation.ts";

const page = await Deno.readTextFile(join(root, "docs", "authoring.md"));

/** The code of the page that stands below a line. */
const codeBelow = (line: string, language: string) =>
  new RegExp(`^${line}:\\n\\n\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");

/** The files that the page writes, by path; of one that is there, what comes to its end. */
function files(): { path: string; text: string; isAdded: boolean }[] {
  return [...page.matchAll(codeBelow("`([\\w./]+\\.ts)`(, at its end)?", "ts"))].map(
    ([, path, added, text]) => ({ path, text, isAdded: added !== undefined }),
  );
}

/** The cells of the page's notebook, as JupyterLab with nbgrader writes them. */
function cells(): Cell[] {
  const kinds = "(markdown|solution|check)(?:, (\\d+) points)?";
  return [...page.matchAll(codeBelow(`\\*\\*([\\w-]+)\\*\\*, ${kinds}`, "(?:ts|md)"))].map(
    ([, id, kind, points, text]): Cell => {
      const source = text.trimEnd();
      if (kind === "markdown") return { cell_type: "markdown", id, metadata: {}, source };
      const isCheck = kind === "check";
      const nbgrader = {
        ...{ grade: isCheck, grade_id: id, locked: isCheck, schema_version: 3 },
        ...{ solution: !isCheck, task: false, ...(isCheck ? { points: Number(points) } : {}) },
      };
      const metadata = { nbgrader };
      return { cell_type: "code", id, metadata, source, outputs: [], execution_count: null };
    },
  );
}

const metadata = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
};

Deno.test("the worked example of docs/authoring.md makes a task, a check, a notebook and a unit", async () => {
  await using made = await makeInstallation([
    "lib",
    "notebooks",
    "tests/exercises",
    "nbgrader_config.py",
  ]);
  const { folder, homes } = made;
  const written = files();
  assertEquals(written.map(({ path }) => path), [
    "lib/nn/channel_weights.ts",
    "lib/exercises/convolution/channel_weights.ts",
    "lib/mod.ts",
    "tests/exercises/convolution/channel_weights_test.ts",
  ]);
  for (const { path, text, isAdded } of written) {
    await Deno.writeTextFile(join(folder, path), text, { append: isAdded, createNew: !isAdded });
  }
  const notebook = join(folder, "notebooks/source/unit6/1_channel_weights.ipynb");
  assertStringIncludes(page, "`notebooks/source/unit6/1_channel_weights.ipynb` has these cells");
  await Deno.mkdir(dirname(notebook));
  const [title, solution, check] = cells();
  assertEquals(cells().length, 3);
  await Deno.writeTextFile(
    notebook,
    notebookText({ cells: [title, solution, check], metadata, nbformat: 4, nbformat_minor: 5 }),
  );

  const deno = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    assertEquals(code, 0, said);
    return said;
  };
  await deno("check", written[1].path);
  assertMatch(await deno("test", "--allow-all", "--no-check", written.at(-1)!.path), /4 passed/);
  await deno("fmt", "--check", ...written.map(({ path }) => path));

  const said = async (...[name, ...args]: string[]) => {
    const { code, said } = await made.tessera(name, args, { from: homes });
    assertEquals(code, 0, said);
    return said;
  };
  await said("release", "unit6");
  const learners = await readNotebook(notebook.replace("source", "exercises"));
  const code = learners.cells.map(textOf).join("\n");
  assertStringIncludes(code, 'throw new Error("Not solved yet');
  assert(!code.includes("tf.sigmoid"), code);
  assertStringIncludes(code, "await checkChannelWeights(ChannelWeights, { points: 2 });");

  // Mistakes planted in the solution: all are caught, and every other style is accepted.
  const counts = rowOf(
    await said("mutants", "unit6", "--seed", "1", "--count", "1"),
    "unit6 checkChannelWeights",
  );
  const { Wrong: wrong, Right: right } = counts;
  assert(wrong >= 4 && right >= 1 && counts.Named >= 1, JSON.stringify(counts));
  assertEquals([counts.Caught, counts.Misled, counts.Refused], [wrong, 0, 0]);
});

/** The numbers of one row of the table of mutants, by the heads of their columns. */
function rowOf(text: string, name: string): Record<string, number> {
  const cells = (line = "") => line.split("|").slice(1, -1).map((cell) => cell.trim());
  const lines = text.split("\n");
  const [heads, row] = ["Task", name].map((first) =>
    cells(lines.find((line) => cells(line)[0] === first))
  );
  return Object.fromEntries(heads.map((head, index) => [head, Number(row[index])]));
}
