import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { PNG } from "pngjs";
import { getDocumentProxy, getResolvedPDFJS } from "unpdf";
import { captured, CommandError, root } from "../tools/command.ts";
import type { Cell, Notebook } from "../tools/notebooks.ts";
import { makePdf } from "../tools/pdf.ts";

type Output = Record<string, unknown>;

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="300" viewBox="0 0 700 300">` +
  `<g font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">${content}</g></svg>`;

function png(width: number, height: number): Uint8Array {
  const image = new PNG({ width, height });
  for (let index = 0; index < image.data.length; index++) image.data[index] = index % 251;
  return new Uint8Array(PNG.sync.write(image));
}

const markdown = (source: string, metadata = {}): Cell => ({
  cell_type: "markdown",
  source,
  metadata,
});

const code = (source: string, ...outputs: Output[]): Cell => ({
  cell_type: "code",
  source,
  metadata: {},
  outputs,
  ...{ execution_count: 1 },
});

const shows = (data: Record<string, unknown>): Output => ({
  output_type: "display_data",
  data,
  metadata: {},
});

const prints = (text: string, name = "stdout"): Output => ({ output_type: "stream", name, text });

function notebookOf(cells: Cell[]): Notebook {
  return {
    cells: cells.map((cell, index) => ({ ...cell, id: `cell-${index}` })),
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Runs `body` with a notebook's file, in a folder of its own, and the path that its PDF gets. */
async function inFolder<T>(
  cells: Cell[],
  body: (notebook: string, pdf: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-pdf-test-" });
  try {
    const notebook = join(folder, "sample.ipynb");
    await Deno.writeTextFile(notebook, JSON.stringify(notebookOf(cells)));
    return await body(notebook, join(folder, "sample.pdf"), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a PDF shows: its text, the right edges in points, the fonts, the images and paths drawn. */
interface Contents {
  title: string;
  pages: string[];
  text: string;
  right: number;
  fonts: Set<string>;
  images: { right: number; bottom: number }[];
  paths: number;
  /** The tags for readers' tools, with the images' alternative texts. */
  structure: string;
}

async function read(pdf: string): Promise<Contents> {
  const { OPS } = await getResolvedPDFJS();
  const document = await getDocumentProxy(await Deno.readFile(pdf));
  const { Title: title } = (await document.getMetadata()).info as { Title: string };
  const contents: Contents = {
    ...{
      title,
      pages: [],
      text: "",
      right: 0,
      fonts: new Set(),
      images: [],
      paths: 0,
      structure: "",
    },
  };
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    let text = "";
    for (const item of (await page.getTextContent()).items) {
      if (!("str" in item)) continue;
      text += item.hasEOL ? `${item.str}\n` : item.str;
      if (item.transform[1] === 0) {
        contents.right = Math.max(contents.right, item.transform[4] + item.width);
      }
    }
    contents.pages.push(text);
    contents.structure += JSON.stringify(await page.getStructTree());
    const { fnArray, argsArray } = await page.getOperatorList();
    let [scaleX, scaleY, x, y] = [1, 1, 0, 0];
    const saved: number[][] = [];
    fnArray.forEach((operation, index) => {
      if (operation === OPS.save) saved.push([scaleX, scaleY, x, y]);
      if (operation === OPS.restore) [scaleX, scaleY, x, y] = saved.pop()!;
      if (operation === OPS.transform) {
        const [a, , , d, e, f] = argsArray[index] as number[];
        [x, y] = [x + e * scaleX, y + f * scaleY];
        [scaleX, scaleY] = [scaleX * a, scaleY * d];
      }
      if (operation === OPS.paintImageXObject) {
        contents.images.push({ right: x + scaleX, bottom: Math.min(y, y + scaleY) });
      }
      if (operation === OPS.constructPath) contents.paths++;
      if (operation === OPS.setFont) {
        contents.fonts.add(page.commonObjs.get(argsArray[index][0]).name.replace(/^\w+\+/, ""));
      }
    });
  }
  contents.text = contents.pages.join("\n");
  return contents;
}

const contentsOf = (cells: Cell[]): Promise<Contents> =>
  inFolder(cells, async (notebook, pdf) => {
    await makePdf(notebook, pdf);
    return await read(pdf);
  });

const pageWidth = 595.28, margin = 56.69; // A4 and 2 cm, in points
const rightEdge = pageWidth - margin + 0.1;

Deno.test("makePdf sets title, text, code, formulas, written answers and page numbers", async () => {
  const answer = { nbgrader: { solution: true, grade: true, points: 2, grade_id: "why" } };
  const { title, pages, text, fonts } = await contentsOf([
    markdown("# Patches and tokens\n\nRead **this** first: `patchify`.\n\n- an item"),
    code("const width: number = 64; // channels", prints("64\n")),
    markdown("Because $\\frac{a}{b}$ grows.\n\n$$\\sum_i x_i$$", answer),
  ]);
  assertEquals(title, "Patches and tokens");
  assertEquals(text.match(/Patches and tokens/g)?.length, 2, "once as title, once in the footer");
  for (const part of ["Read this first", "patchify", "an item", "// channels", "Because", "∑"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(text, "Answer · 2 points");
  assertStringIncludes(pages[0], "1 / 1");
  for (const font of ["LibertinusSerif", "DejaVuSansMono", "NewCMMath"]) {
    assert([...fonts].some((name) => name.startsWith(font)), `${font} in ${[...fonts]}`);
  }
});

/** LaTeX as notes on machine learning use it, and what the PDF must show of it. */
const symbols: [tex: string, shown: string][] = [
  ["a \\odot b", "⊙"],
  ["a \\oplus b", "⊕"],
  ["a \\otimes b", "⊗"],
  ["a \\ominus b", "⊖"],
  ["\\bigodot_i x_i", "⨀"],
  ["\\bigotimes_i x_i", "⨂"],
  ["\\bigoplus_i x_i", "⨁"],
  ["A \\cap B \\cup C", "∩"],
  ["\\bigcap_i A_i", "⋂"],
  ["A \\sqcap B", "⊓"],
  ["f \\circ g", "∘"],
  ["a \\cdot b \\times c \\ast d", "×"],
  ["x \\in S \\notin T", "∉"],
  ["A \\subseteq B \\setminus C", "⊆"],
  ["\\forall x \\, \\exists y", "∃"],
  ["a \\implies b \\iff c", "⇔"],
  ["x \\to y \\mapsto z \\leftarrow w", "↦"],
  ["a \\leq b \\geq c \\neq d \\ll e", "≪"],
  ["x \\approx y \\sim z \\propto w \\equiv v", "∝"],
  ["x \\models y", "⊨"],
  ["a \\coloneqq b \\triangleq c", "≔"],
  ["\\nabla_\\theta \\mathcal{L}", "∇"],
  ["\\frac{\\partial \\mathcal{L}}{\\partial w}", "𝜕"],
  ["\\infty \\hbar \\ell", "∞"],
  ["\\sum_{i=1}^n \\prod_j \\int_0^1", "∏"],
  ["\\mathbb{R}^{n \\times d}", "ℝ"],
  ["\\mathop{\\mathbb{E}}_{x \\sim p}", "𝔼"],
  ["\\mathcal{N}(\\mu, \\sigma^2)", "𝒩"],
  ["\\mathbf{W}^\\top \\mathbf{x}", "⊤"],
  ["\\boldsymbol{\\mu}, \\bm{\\Sigma}", "𝝁"],
  ["\\varepsilon \\vartheta \\varphi", "𝜑"],
  ["\\hat{y} \\bar{x} \\tilde{z} \\vec{v}", "𝑦"],
  ["\\overrightarrow{AB}", "𝐴𝐵"],
  ["\\underbrace{a + b}_{\\text{sect}}", "sect"],
  ["\\operatorname{softmax}(x)", "softmax"],
  ["\\operatorname*{arg\\,max}_\\theta", "arg"],
  ["\\mathop{\\rm arg\\,min}_x", "min"],
  ["{\\rm KL}(p \\,\\|\\, q)", "KL"],
  ["\\|x\\|_2 + \\lVert y\\rVert_1", "‖"],
  ["\\left\\lVert x\\right\\rVert_2^2", "‖"],
  ["\\lfloor x \\rfloor \\lceil y \\rceil", "⌊"],
  ["\\bigl\\langle x, y \\bigr\\rangle", "⟨"],
  ["\\cfrac{a}{b} + \\dfrac{c}{d}", "𝑏"],
  ["\\binom{n}{k} \\sqrt[3]{x}", "√"],
  ["\\begin{pmatrix}a & b\\\\c & d\\end{pmatrix}", "𝑑"],
  ["\\begin{vmatrix}a & b\\\\c & d\\end{vmatrix}", "𝑑"],
  ["\\begin{Vmatrix}a & b\\end{Vmatrix}", "‖"],
  ["\\begin{cases}a & x > 0\\\\b & x \\le 0\\end{cases}", "≤"],
  ["\\begin{aligned}a &= b\\\\S &= c\\end{aligned}", "𝑆"],
  ["\\textcolor{red}{x} \\boxed{y} \\cancel{z}", "𝑧"],
  ["d_{\\text{model}} \\quad p(x \\mid y)", "model"],
  ["e = mc^2 \\tag{7}", "(7)"],
  ["\\label{eq:loss} x \\& y", "&"],
  ["a \\; \\text{s.t.} \\; b", "s.t."],
  ["x^\\intercal, y', \\dots, \\cdots, \\vdots, \\ddots", "⋱"],
  ["x \\bmod 2, \\; x \\pmod{3}", "mod"],
  ["\\mathds{1}[x > 0]", "𝟙"],
  ["\\square \\blacksquare \\bigstar \\checkmark", "✓"],
];

Deno.test("makePdf sets LaTeX's symbols", async () => {
  const { pages, text } = await contentsOf(
    symbols.map(([tex], index) => markdown(`Formula ${index} is $${tex}$ here.`)),
  );
  assert(!text.includes("could not be set"), text);
  const all = pages.join("\n");
  const missing = symbols.flatMap(([tex, shown], index) => {
    const [, formula] = new RegExp(`Formula ${index} is([^]*?)here\\.`).exec(all)!;
    return formula.replace(/\s/g, "").includes(shown) ? [] : [`${tex} shows ${formula.trim()}`];
  });
  assertEquals(missing, []);
});

Deno.test("makePdf shows a formula that cannot be set as it is written, and sets the others", async () => {
  const { text } = await contentsOf([
    markdown("# Formulas\n\nInline $\\argmax_x f$ and $a \\odot b$."),
    // Typst wants something under a root.
    markdown("$$\\sqrt{}$$\n\n$$\\sum_i x_i$$"),
  ]);
  for (const part of ["\\argmax_x f", "⊙", "\\sqrt{}", "∑"]) assertStringIncludes(text, part);
  assertEquals(text.match(/a formula that could not be set/g)?.length, 2, text);
});

Deno.test("makePdf takes a backslash for a sign of the text, but for formulas", async () => {
  const said = String
    .raw`It lies in C:\Users\anna\notes.txt, and \alpha, \d+ and \textbf{so} are words.`;
  const cell = markdown(
    `# Backslashes\n\n${said}\n\n\\begin{align}\na &= b\n\\end{align}\n\n\\gamma alone\n`,
    { nbgrader: { solution: true, points: 1 } },
  );
  const { text } = await contentsOf([cell]);
  const line = text.replace(/\s+/g, " ");
  assertStringIncludes(line, said);
  assertStringIncludes(line, String.raw`\gamma alone`);
  assert(!line.includes("begin"), line);
});

Deno.test("makePdf shows attached images whose names have spaces, as Jupyter and people write them", async () => {
  const attachments = { "my picture (1).png": { "image/png": png(40, 20).toBase64() } };
  for (const name of ["my%20picture%20(1).png", "my%20picture%20%281%29.png"]) {
    const { images } = await contentsOf([{
      ...markdown(`![a](attachment:${name})`),
      ...{ attachments },
    }]);
    assertEquals(images.length, 1, name);
  }
  for (
    const image of [
      "![a](<attachment:my picture (1).png>)",
      'Made smaller: <img alt="a" src="attachment:my%20picture%20(1).png" width="20">',
    ]
  ) {
    const cell = { ...markdown(image), ...{ attachments } };
    assertEquals((await contentsOf([cell])).images.length, 1, image);
  }
});

Deno.test("makePdf leaves code that names an attached image as it is written", async () => {
  const picture = { "image/png": png(40, 20).toBase64() };
  const said = "![a](attachment:my picture.png)";
  const cell = {
    ...markdown(
      `Write \`${said}\`, not a lone \` sign:\n\n![a](attachment:my%20picture.png)\n\n` +
        `Another \` and ![a](attachment:a)\n\n~~~\n${said}\n~~~\n`,
    ),
    ...{ attachments: { "my picture.png": picture, a: picture } },
  };
  const { text, images } = await contentsOf([cell]);
  assertEquals(images.length, 2);
  assertEquals(text.replace(/\s+/g, " ").split(said).length - 1, 2, text);
});

Deno.test("makePdf breaks long lines, words and tables at the margin and keeps every character", async () => {
  const word = "abcdefghij".repeat(25);
  const numbers = Array.from({ length: 120 }, (_, index) => index * 37).join(",");
  const { right, text } = await contentsOf([
    markdown(
      `# Long\n\n${"0123456789".repeat(15)} \`${
        "name.of.a.thing.".repeat(12)
      }\` https://example.org/${"part/".repeat(40)}\n\n` +
        `| a | b |\n|---|---|\n| ${"many words ".repeat(30)} | \`${"longCodeName".repeat(8)}\` |`,
    ),
    code(
      `const text = "${word}"; ${"call(argument, argument); ".repeat(8)}`,
      prints(`[${numbers}]`),
    ),
    code("wide", prints(Array(4).fill("column  ".repeat(16)).join("\n"))),
    code("word", shows({ "text/plain": word })),
  ]);
  assert(right <= rightEdge, `text ends at ${right} of ${rightEdge} points`);
  const letters = text.replace(/[\s\u200b]/g, "");
  assertEquals(letters.split(word).length - 1, 2);
  for (const part of [numbers, "0123456789".repeat(15), "longCodeName".repeat(8)]) {
    assertStringIncludes(letters, part);
  }
});

Deno.test("makePdf keeps an SVG chart as vectors, in its own face, and never shows Plotly's data", async () => {
  const { text, paths, images, fonts, structure } = await contentsOf([
    markdown("# Chart"),
    code(
      "await curves(history)",
      shows({
        "application/vnd.plotly.v1+json": { data: [{ name: "plotlysecret" }], layout: {} },
        "text/html": "<b>htmlversion</b>",
        "image/svg+xml": svg(
          `<path d="M20,200 L200,90 L600,20" fill="none" stroke="blue"/>` +
            `<text x="20" y="250">validation α ✓</text>`,
        ),
        "text/plain": "plainversion",
      }),
    ),
  ]);
  assertStringIncludes(text, "validation α ✓");
  assert(!/plotlysecret|htmlversion|plainversion/.test(text));
  assertStringIncludes(structure, "plainversion"); // the alternative text
  assertEquals(images, []);
  const { paths: pathsWithout } = await contentsOf([markdown("# Chart"), code("await curves()")]);
  assert(paths > pathsWithout, "the curve is a path");
  assert(fonts.has("DejaVuSans"), `DejaVu Sans in ${[...fonts]}`);
});

Deno.test("makePdf scales images to the page and finds those beside the notebook", async () => {
  const picture = (width: number, height: number) =>
    shows({
      "image/png": Buffer.from(png(width, height)).toString("base64"),
      "text/plain": "plain",
    });
  const cells = [
    markdown('# Images\n\n![wide](wide.png)\n\nInline: <img src="wide.png" width="60"> and text.'),
    code("wide", picture(1500, 60)),
    code("tall", picture(60, 2500)),
  ];
  const { images, text } = await inFolder(cells, async (notebook, pdf, folder) => {
    await Deno.writeFile(join(folder, "wide.png"), png(1400, 40));
    await makePdf(notebook, pdf);
    return await read(pdf);
  });
  assertEquals(images.length, 4);
  for (const { right, bottom } of images) {
    assert(right <= rightEdge && bottom >= 0, `an image ends at ${right}, ${bottom}`);
  }
  assert(!text.includes("plain"));
});

Deno.test("makePdf shows prints without colours, what overwrites itself once, and errors", async () => {
  const { text } = await contentsOf([
    markdown("# Prints"),
    code("train()", prints("\x1b[32mepoch 1\x1b[39m\n"), prints("10 %\r50 %\r100 %\n")),
    code("warn()", prints("careful\n", "stderr")),
    code("fail()", {
      output_type: "error",
      ename: "RangeError",
      evalue: "width 64",
      traceback: ["\x1b[31mRangeError\x1b[39m: width 64 is wrong", "    at cell:1:7"],
    }),
  ]);
  for (const part of ["epoch 1", "100 %", "careful", "RangeError: width 64 is wrong", "at cell"]) {
    assertStringIncludes(text, part);
  }
  assert(!/50 %|\[3[0-9]m/.test(text), text);
});

Deno.test("makePdf keeps lines that end in carriage returns", async () => {
  const { text } = await contentsOf([
    markdown("# Prints"),
    code("wait()", prints("epoch 1 \u2026\r")),
    code("windows()", prints("first line\r\nsecond line\r\r\nthird line\r\x1b[0m\n")),
    code("progress()", prints("10 %\r"), prints("20 %\r")),
  ]);
  for (const part of ["epoch 1 \u2026", "first line", "second line", "third line", "20 %"]) {
    assertStringIncludes(text, part);
  }
  assert(!text.includes("10 %"), text);
});

Deno.test("makePdf keeps what stands in pre and textarea, and the Markdown beside it", async () => {
  const pre = "<pre>\nfirst *star*\n  second</pre>";
  const { text } = await contentsOf([
    markdown(`# HTML\n\n${pre}`),
    markdown("Before.\n\n<div><pre><code>in a division</code></pre></div>\n\nAfter."),
    markdown("<textarea>own words</textarea>", { nbgrader: { solution: true, points: 1 } }),
    markdown(
      "<details>\n\n**bold** and $x^2$\n\n<pre>in details</pre>\n\n" +
        "\\begin{align}\ny &= \\alpha\n\\end{align}\n\n</details>",
    ),
    code("x", shows({ "text/html": "<div><pre>in an output</pre></div>" })),
    code("x", shows({ "text/html": "<textarea>in an area</textarea>" })),
    code("x", shows({ "text/markdown": "Some:\n\n<pre>in Markdown</pre>" })),
  ]);
  const parts = ["first *star*", "second", "in a division", "own words", "in details"];
  for (const part of [...parts, "bold and", "𝑦 = 𝛼", "in an output", "in an area", "in Markdown"]) {
    assertStringIncludes(text, part);
  }
  assert(!/\*\*|\$/.test(text), text);
});

Deno.test("makePdf takes an HTML output's Markdown characters as they are", async () => {
  const { text } = await contentsOf([
    code("x", shows({ "text/html": "<p>2*3*4, _id_, `a` and **b**</p>" })),
  ]);
  assertStringIncludes(text, "2*3*4, _id_, `a` and **b**");
});

Deno.test("makePdf sets HTML that has no other form as text and tables", async () => {
  const { text } = await contentsOf([
    code(
      "table()",
      shows({ "text/html": "<table><tr><th>layer</th></tr><tr><td>Linear</td></tr></table>" }),
    ),
    code("both()", shows({ "text/html": "<b>rich</b>", "text/plain": "poor" })),
  ]);
  assertStringIncludes(text, "layer");
  assertStringIncludes(text, "Linear");
  assertStringIncludes(text, "poor");
  assert(!text.includes("rich"));
});

Deno.test("makePdf says how many code cells have not been run", async () => {
  const unrun = { ...code("later()"), execution_count: null };
  const note = "have not been run";
  assertStringIncludes((await contentsOf([code("now()"), unrun])).text, `${note}: 1`);
  assert(!(await contentsOf([code("now()")])).text.includes(note));
});

Deno.test("makePdf takes the file's name for a title where there is no heading", async () => {
  assertEquals((await contentsOf([markdown("No heading.")])).title, "sample");
  assertEquals((await contentsOf([])).title, "sample");
});

Deno.test("makePdf takes Typst's and Markdown's special characters as they are", async () => {
  const strange = "#let x = [1] @me $y$ <z> ```` `` \\ * _ ~ //";
  const { text } = await contentsOf([code(strange, prints(strange)), code("y", prints("@ # $"))]);
  assertEquals(text.split(strange).length - 1, 2, text);
});

/** One line, which names the cell. */
const brokenPicture = /^[^\n]*cell 2: a picture is damaged: [^\n]*$/;
const failures: [string, Cell, RegExp][] = [
  ["an image file is missing", markdown("![x](missing.png)"), /cell 2: .*missing\.png/],
  [
    "an image file with a space in its name is missing",
    markdown("![x](not%20there.png)"),
    /cell 2: the image not there\.png was not found/,
  ],
  ["an image is on the network", markdown("![x](https://example.org/x.png)"), /cell 2: .*network/],
  [
    "a chart has no static form",
    code("x", shows({ "application/vnd.plotly.v1+json": { data: [] } })),
    /cell 2: .*plotly/,
  ],
  [
    "HTML is only a script",
    code("x", shows({ "text/html": "<script>1</script>" })),
    /cell 2: .*HTML/,
  ],
  [
    "HTML is an empty element for a script",
    code("x", shows({ "text/html": "<div id='plot'></div><script>1</script>" })),
    /cell 2: .*HTML/,
  ],
  [
    "an SVG holds HTML",
    code("x", shows({ "image/svg+xml": svg("<foreignObject width='9' height='9'/>") })),
    /foreignObject/,
  ],
  ["an SVG is broken", code("x", shows({ "image/svg+xml": "<svg width=" })), brokenPicture],
  ["a PNG is cut short", code("x", shows({ "image/png": "iVBORw0KGgo=" })), brokenPicture],
  ["a JPEG is none", code("x", shows({ "image/jpeg": btoa("<html>") })), brokenPicture],
  [
    "an attachment is damaged",
    {
      ...markdown("![a](attachment:a.png)"),
      attachments: { "a.png": { "image/png": "AAAA" } },
    },
    brokenPicture,
  ],
  [
    "quotes lie too deep in one another",
    markdown("> ".repeat(600) + "deep"),
    /^[^\n]*cell 2: .*depth[^\n]*$/,
  ],
];
for (const [what, cell, message] of failures) {
  Deno.test(`makePdf fails and leaves no file where ${what}`, async () => {
    await inFolder([markdown("# Title"), cell], async (notebook, pdf) => {
      const error = await assertRejects(() => makePdf(notebook, pdf), CommandError);
      assert(message.test(error.message), error.message);
      await assertRejects(() => Deno.stat(pdf), Deno.errors.NotFound);
    });
  });
}

Deno.test("the exporter says which package is missing", async () => {
  for (const [module, name] of [["pypandoc", "pypandoc_binary"], ["typst", "typst"]]) {
    const { code, stderr } = await captured("python", [
      "-c",
      `import sys; sys.modules["${module}"] = None
from tessera_export.document import make_pdf
make_pdf({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, "name", ".")`,
    ]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `ExportError: The PDF export needs the Python package ${name}`);
  }
});

Deno.test("nbconvert --to TesseraPDF makes the same file as makePdf", async () => {
  const cells = [
    markdown("# Same\n\n![x](x.png)"),
    code("f()", prints("a\n"), shows({ "image/svg+xml": svg("<text x='9' y='20'>chart</text>") })),
  ];
  await inFolder(cells, async (notebook, pdf, folder) => {
    await Deno.writeFile(join(folder, "x.png"), png(30, 20));
    await makePdf(notebook, pdf);
    const { code, stderr } = await captured("jupyter-nbconvert", [
      ...["--to", "TesseraPDF", "--output", "other", notebook],
    ], { cwd: root });
    assertEquals(code, 0, stderr);
    assertEquals(await Deno.readFile(join(folder, "other.pdf")), await Deno.readFile(pdf));
  });
});

/** Signs among which a line finds places to break, and none. */
const endless: Record<string, (length: number) => string> = {
  "letters": (length) => "a".repeat(length),
  "base64": (length) => "QUJD/k+9".repeat(length / 8),
  "digits": (length) => "0123456789".repeat(length / 10),
  "umlauts": (length) => "äöü".repeat(length / 3),
};

for (const [what, text] of Object.entries(endless)) {
  Deno.test(`makePdf cuts what has no end, such as ${what}, says so and names the cell`, async () => {
    const cells = [
      markdown("# Title"),
      code(`const all = "${text(30_000)}";`, prints(text(120_000))),
      markdown(text(30_000)),
      markdown(`Words before \`${text(900)}\` and after.`),
      code("1", prints(Array(3000).fill(text(300)).join("\n"))),
    ];
    await inFolder(cells, async (notebook, pdf, folder) => {
      const { code, stderr } = await captured("python", [
        "-m",
        "tessera_export",
        notebook,
        pdf,
        folder,
      ]);
      assertEquals([code, stderr.trim()], [
        0,
        "Shortened in the PDF, for being longer than a person reads: cell 2, 3, 5",
      ]);
      const { text: said } = await read(pdf);
      assertStringIncludes(said, "characters more)");
      assertStringIncludes(said, "lines are not shown here; the notebook has them)");
      assertStringIncludes(said, "and after.");
    });
  });
}

Deno.test("makePdf sets no more cells than a person reads, and says how many are left", async () => {
  const cells = Array.from({ length: 3000 }, (_, index) => code(`${index}`));
  await inFolder([markdown("# Title"), ...cells], async (notebook, pdf) => {
    await makePdf(notebook, pdf);
    assertStringIncludes(
      (await read(pdf)).text,
      "(1,801 cells are not shown here; the notebook has them)",
    );
  });
});

Deno.test("makePdf takes images from within the home alone", async () => {
  await inFolder(
    [markdown("# Title"), markdown("![a](../outside.png)")],
    async (notebook, pdf, folder) => {
      await Deno.writeFile(join(folder, "..", "outside.png"), png(3, 3));
      try {
        for (
          const path of [
            "../outside.png",
            join(folder, "..", "outside.png"),
            "./a/../../outside.png",
          ]
        ) {
          const cells = notebookOf([markdown("# Title"), markdown(`![a](<${path}>)`)]);
          await Deno.writeTextFile(notebook, JSON.stringify(cells));
          const error = await assertRejects(() => makePdf(notebook, pdf), CommandError);
          assertStringIncludes(error.message, "cell 2: the image");
          assertStringIncludes(error.message, `lies outside of ${folder}`);
        }
        // In a home it may lie in another unit.
        await Deno.writeTextFile(join(folder, "tessera"), "");
        await Deno.mkdir(join(folder, "unit"));
        await Deno.writeFile(join(folder, "inside.png"), png(3, 3));
        const cells = notebookOf([markdown("# Title"), markdown("![a](../inside.png)")]);
        const inner = join(folder, "unit", "inner.ipynb");
        await Deno.writeTextFile(inner, JSON.stringify(cells));
        await makePdf(inner, pdf);
      } finally {
        await Deno.remove(join(folder, "..", "outside.png"));
      }
    },
  );
});
