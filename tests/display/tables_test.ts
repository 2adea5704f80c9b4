import { assertEquals, assertStringIncludes } from "@std/assert";
import { displaySymbol } from "../../lib/display/live.ts";
import { summaryTable } from "../../lib/display/model_summary.ts";
import { alignedNumbers, formatNumber } from "../../lib/display/numbers.ts";
import { table } from "../../lib/display/tables.ts";
import * as tf from "../../lib/tensor/tf.ts";

const rows = [
  { model: "ResNet|*20*", accuracy: 0.91234567, parameters: 272474 },
  { model: "ViT <x> & more", accuracy: undefined, parameters: 3.2e6 },
];

Deno.test("table aligns text at the left and numbers at the right", () => {
  const expected = [
    "model           accuracy  parameters",
    "──────────────  ────────  ──────────",
    "ResNet|*20*       0.9123     272,474",
    "ViT <x> & more             3,200,000",
    "",
    "Two models.",
  ].join("\n");
  assertEquals(String(table(rows, { caption: "Two models." })), expected);
});

Deno.test("a cell is one line, whatever it holds", () => {
  const itself: Record<string, unknown> = { a: 1 };
  itself.more = itself;
  const text = String(table([{
    report: { loss: 0.123456, accuracy: 0.5 },
    shape: [2, 3],
    many: new Float32Array(1000),
    tensor: tf.ones([2, 2]),
    words: "two\nlines",
    itself,
  }]));
  assertEquals(text.split("\n").length, 3, text);
  for (
    const words of [
      "loss 0.1235, accuracy 0.5",
      "2, 3",
      "0, 0, 0, 0, 0, 0, 0, 0, …",
      "tensor(shape=[2, 2], dtype=float32)",
      "two lines",
      "a 1, more a 1, more …",
    ]
  ) assertStringIncludes(text, words);
});

Deno.test("table's Markdown and HTML keep what the cells say", () => {
  const markdown = table(rows, { columns: ["parameters", "model"], headings: { model: "Name" } })
    .toMarkdown();
  assertEquals(
    markdown,
    [
      "| parameters | Name |",
      `| ${"-".repeat(10)}: | :${"-".repeat(14)} |`,
      "| 272,474 | ResNet\\|\\*20\\* |",
      "| 3,200,000 | ViT \\<x\\> & more |",
    ].join("\n"),
  );
  const html = table(rows, { caption: "a < b" }).toHtml();
  assertStringIncludes(html, '<td style="text-align:left">ViT &lt;x&gt; &amp; more</td>');
  assertStringIncludes(html, '<td style="text-align:right">272,474</td>');
  assertStringIncludes(html, ">a &lt; b</caption>");
});

Deno.test("table shows itself in three forms, rows with different names included", () => {
  const bundle = table([{ a: 1 }, { b: true }])[displaySymbol]();
  assertEquals(Object.keys(bundle).sort(), ["text/html", "text/markdown", "text/plain"]);
  assertEquals(bundle["text/plain"], "a  b\n─  ────\n1\n   true");
});

Deno.test("alignedNumbers writes neighbours with equally many decimals", () => {
  assertEquals(alignedNumbers([2.0142, 1.1, 0.9612]), ["2.01", "1.10", "0.96"]);
  assertEquals(alignedNumbers([0.7619, 0.5, NaN]), ["0.762", "0.500", "NaN"]);
  assertEquals(alignedNumbers([1200, 3]), ["1,200", "3"]);
  assertEquals(alignedNumbers([123_456.5, 7.25]), ["123000", "7.25"]);
  assertEquals(alignedNumbers([0, 0]), ["0", "0"]);
});

Deno.test("formatNumber writes numbers as people do", () => {
  const written = [0, 106506, 0.1 + 0.2, 1234.5678, 1e-7, 12345678.9, -0.5, NaN, -Infinity];
  assertEquals(
    written.map((value) => formatNumber(value)),
    ["0", "106,506", "0.3", "1235", "1.00e-7", "1.23e+7", "-0.5", "NaN", "−∞"],
  );
});

Deno.test("formatNumber writes counts in full, whole measurements beyond them rounded", () => {
  assertEquals(
    [11_181_642, -175_000_000_000, 2 ** 60].map((value) => formatNumber(value)),
    ["11,181,642", "-175,000,000,000", "1.15e+18"],
  );
});

Deno.test("summaryTable shows modules, shapes and totals", () => {
  const summary = {
    rows: [
      row("", "Net", 0, 650, [1, 8], [1, 10]),
      row("layers", "Sequential", 1, 650, [1, 8], [1, 10]),
      row("layers.0", "Linear", 2, 650, null, null),
    ],
    parameters: 650,
    buffers: 20,
    bytes: 2680,
  };
  assertEquals(
    String(summaryTable(summary)),
    [
      "name      type        parameters  input   output",
      "────────  ──────────  ──────────  ──────  ───────",
      "(model)   Net                650  [1, 8]  [1, 10]",
      "layers    Sequential         650  [1, 8]  [1, 10]",
      "layers.0  Linear             650  –       –",
      "",
      "650 trainable parameters, 20 values that are not trained, 0.003 MB.",
    ].join("\n"),
  );
  const shallow = String(summaryTable(summary, { depth: 1, caption: "The net." }));
  assertEquals(shallow.includes("layers.0"), false);
  assertStringIncludes(shallow, "The net. 650 trainable parameters");
});

function row(
  path: string,
  type: string,
  depth: number,
  parameters: number,
  inputShape: number[] | null,
  outputShape: number[] | null,
) {
  return { path, type, depth, parameters, inputShape, outputShape };
}
