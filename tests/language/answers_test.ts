/** Where names lead, how they are renamed, files beside a notebook, and Shift-Tab by way of the kernel. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type {
  CompletionItem,
  Location,
  MarkupContent,
  TextEdit,
} from "vscode-languageserver-types";
import { drive } from "../kernel/driver.ts";
import { Client, sent } from "./client.ts";
import { withHome } from "./home.ts";

const cells = [
  'import * as tf from "@tensorflow/tfjs";\nimport { VisionTransformer } from "tessera";\nimport { half } from "./mine.ts";',
  "const width = half(28);",
  "const twice = width * 2;\ntf.zeros([width]);",
];
const name = "unit1/mine.ipynb";
const lines = sent(cells).split("\n");

/** The place of a word's first letter, in the line that begins with a text. */
function place(start: string, word: string) {
  const line = lines.findIndex((each) => each.startsWith(start));
  return { line, character: lines[line].indexOf(word) };
}

async function leads(client: Client, home: string): Promise<void> {
  const beside = join(home, "unit1", "mine.ts");
  await Deno.writeTextFile(beside, "export const half = (x: number): number => x / 2;\n");
  await client.open(name, sent(cells));

  const definition = async (start: string, word: string): Promise<Location> =>
    (await client.ask("definition", name, place(start, word)))[0];
  // In the library: a copy, which nobody can change by accident, and which knows its types.
  const library = await definition("import { Vision", "VisionTransformer");
  const copy = fileURLToPath(library.uri);
  assertEquals(copy, join(home, "out", "library", "tessera", "models", "vision_transformer.ts"));
  const text = await Deno.readTextFile(copy);
  const declared = text.split("\n")[library.range.start.line];
  assert(declared.slice(library.range.start.character).startsWith("VisionTransformer"), declared);
  assertEquals((await Deno.stat(copy)).mode! & 0o222, 0);
  const path = copy.slice(home.length + 1);
  await client.open(path, text);
  assertStringIncludes(await client.hover(path, library.range.start), "class VisionTransformer");
  const inTensorFlow = fileURLToPath((await definition("tf.zeros", "zeros")).uri);
  assert(inTensorFlow.startsWith(join(home, "out", "library", "npm")), inTensorFlow);
  // In a cell above, and in a file beside.
  assertEquals(
    (await definition("const twice", "width")).range.start,
    place("const width", "width"),
  );
  assertEquals((await definition("const width", "half")).uri, pathToFileURL(beside).href);

  // What is written of a name that is offered.
  const offer = async (text: string, label: string) => {
    await client.change(name, sent([cells[0], text]));
    const at = { line: 5, character: text.length };
    const { items } = await client.ask("completion", name, at, { context: { triggerKind: 1 } });
    const item = items.find((each: CompletionItem) => each.label === label);
    const { documentation } = await client.connection.sendRequest<CompletionItem>(
      "completionItem/resolve",
      item,
    );
    return (documentation as MarkupContent).value;
  };
  assertStringIncludes(await offer("tf.transp", "transpose"), "Transposes the");
  assertStringIncludes(await offer("Vision", "VisionTransformer"), "A Vision Transformer");
  await client.change(name, sent(cells));

  const rename = (start: string, word: string) =>
    client.ask("rename", name, place(start, word), { newName: "renamed" });
  const { changes } = await rename("const twice", "width");
  const edits = (changes[client.uri(name)] as TextEdit[]).map(({ range, newText }) => [
    lines[range.start.line].slice(range.start.character, range.end.character),
    newText,
  ]);
  assertEquals(edits, Array(3).fill(["width", "renamed"]));
  await assertRejects(() => rename("tf.zeros", "zeros"));
  assertEquals(
    await Deno.readTextFile(beside),
    "export const half = (x: number): number => x / 2;\n",
  );

  // What is typed in a file beside is known before it is saved, and its mistakes are marked.
  await client.open("unit1/mine.ts", await Deno.readTextFile(beside));
  await client.change("unit1/mine.ts", 'export const half = (x: number): string => "" + y;\n');
  assertEquals(await client.problems("unit1/mine.ts", "name 'y'"), []);
  assertStringIncludes(await client.hover(name, place("const width", "width")), "width: string");
}

async function inspects(client: Client, home: string): Promise<void> {
  const name = "unit1/inspected.ipynb";
  const code = '// 🎲\nimport { Linear } from "tessera";\nconst layer = Linear;';
  await client.open(name, sent(["const above = 1;", code]));
  await client.hover(name, { line: 5, character: 7 });
  const cursor = [...code.slice(0, code.indexOf("Linear;") + 3)].length; // as Jupyter counts
  const environment = { JPY_SESSION_NAME: join(home, name) };
  const ask = { request: "inspect_request", content: { code, cursor_pos: cursor } };
  const { results: [found, nowhere] } = await drive(
    [ask, { ...ask, content: { code: "elsewhere", cursor_pos: 3 } }],
    { ...environment, TESSERA_LANGUAGE_SOCKET: client.socket },
  );
  assertEquals([found.found, nowhere.found], [true, false]);
  assertStringIncludes(found.data["text/plain"], "class Linear");
  assertStringIncludes(found.data["text/markdown"], "linear map");
  // Without the service, and with one that does not answer.
  const deaf = join(dirname(home), "deaf");
  const listener = Deno.listen({ transport: "unix", path: deaf });
  const without = [join(dirname(client.socket), "none"), deaf].map((socket) =>
    drive([ask], { ...environment, TESSERA_LANGUAGE_SOCKET: socket })
  );
  for (const { results: [none] } of await Promise.all(without)) {
    assertEquals([none.status, none.found, none.data], ["ok", false, {}]);
  }
  listener.close();
}

async function answersAnyway(client: Client): Promise<void> {
  const name = "unit1/beyond.ipynb";
  await client.open(name, sent(["const width = 28;", "width."]));
  await client.open("unit1/beyond.ts", "export const half = 14;\n");
  const beyond = { line: 999, character: 3 };
  for (const path of [name, "unit1/beyond.ts", "unit1/unknown.ipynb"]) {
    for (const method of ["hover", "completion", "signatureHelp"]) {
      assertEquals(await client.ask(method, path, beyond), null, `${method} of ${path}`);
    }
    assertEquals(await client.ask("definition", path, beyond) ?? [], [], path);
  }
  // A name that was offered in a notebook that is closed meanwhile stays as it was.
  const { items } = await client.ask("completion", name, { line: 3, character: 6 });
  const offered: CompletionItem = items[0];
  await client.close(name);
  assertEquals(
    await client.connection.sendRequest("completionItem/resolve", offered),
    offered,
  );
}

async function offersInBoth(client: Client): Promise<void> {
  const both = ["unit1/one.ipynb", "unit1/two.ipynb"];
  const offered = await Promise.all(both.map(async (path) => {
    await client.open(path, sent(["const list = [1];", "list.pu"]));
    return await client.names(path, { line: 3, character: 7 }, "u");
  }));
  assertEquals(offered, [["push"], ["push"]]);
}

Deno.test("what is asked at a place: names, renaming, Shift-Tab, and places that are none", async (test) => {
  await withHome(async (home) => {
    await using client = await Client.start(home);
    await test.step("names lead to where they are, and one's own can be renamed; files beside are known as typed", () =>
      leads(client, home));
    await test.step("Shift-Tab: the kernel's door has the type and what is written of it, or says at once that it has none", () =>
      inspects(client, home));
    await test.step("who types in two notebooks at once is offered names in both", () =>
      offersInBoth(client));
    await test.step("no request is answered by an error: not behind the text, nor of what is closed or unknown", () =>
      answersAnyway(client));
  }, "a learner's home");
});
