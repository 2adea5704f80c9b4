import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseHTML } from "linkedom";
import {
  bars,
  type Chart,
  confusionMap,
  curves,
  heatMap,
  histogram,
  imageGrid,
  parallelCoordinates,
  table,
} from "../../lib/mod.ts";
import { overlap, type SvgNode, textBoxes } from "../../lib/display/geometry.ts";
import { displaySymbol } from "../../lib/display/live.ts";
import { pictureAt } from "../../lib/display/png.ts";

const epochs = (value: (epoch: number) => number, count = 10) =>
  Array.from({ length: count }, (_, index) => value(index + 1));
const classNames = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
const counts = classNames.map((_, truth) =>
  classNames.map((_, guess) => truth === guess ? 900 - truth : (truth * 7 + guess * 3) % 30)
);
const longNames = ["a", "ResNet-20 with pooling", "ViT", "a network with a very long name indeed"];

/** Charts with much text in them, in the ways that have gone wrong before. */
const charts: Record<string, () => Chart> = {
  "curves in two panels": () =>
    curves({
      panels: [
        { yLabel: "loss", series: { training: epochs((x) => 2 / x), validation: epochs(() => 1) } },
        {
          yLabel: "accuracy",
          series: { training: epochs((x) => x / 20), validation: epochs((x) => x / 30) },
          references: { "accuracy to reach": 0.4 },
        },
      ],
      caption: "A caption that is far too long for one line of the chart, because it explains " +
        "what can be seen in both of the panels above it, and then some more.",
    }),
  "curves in five panels": () =>
    curves({
      panels: epochs((x) => x, 5).map((x) => ({
        yLabel: `quantity ${x}`,
        series: { training: epochs((e) => e * 10 ** x), validation: epochs((e) => e + x) },
      })),
      title: "Five quantities",
      caption: "All of them.",
    }),
  "curves with seven names": () =>
    curves({
      yLabel: "accuracy",
      title: "Seven networks",
      caption: "All of them.",
      series: Object.fromEntries(
        epochs((x) => x, 7).map((x) => [`network number ${x}`, epochs((e) => e / x)]),
      ),
    }),
  "curves over 120 epochs": () =>
    curves({ yLabel: "loss", series: { training: epochs((x) => 1e6 / x, 120) } }),
  "a logarithmic curve": () =>
    curves({
      yLabel: "learning rate",
      xLabel: "step",
      yScale: "logarithmic",
      series: { "learning rate": epochs((x) => 10 ** -x, 6) },
    }),
  "a curve of one epoch": () =>
    curves({ yLabel: "loss", series: { training: [1], validation: [2] } }),
  "no curve yet": () => curves({ yLabel: "loss", series: { training: [], validation: [] } }),
  "a confusion matrix": () => confusionMap(counts, { classNames, caption: "Who is who." }),
  "a heat map": () =>
    heatMap(epochs((row) => row, 30).map((row) => epochs((column) => Math.sin(row * column), 50)), {
      xLabel: "feature",
      yLabel: "position",
      valueLabel: "value",
      colors: "diverging",
    }),
  "bars in groups": () =>
    bars({
      names: longNames,
      values: { Tessera: [4000, 30, 200, 10], PyTorch: [500, 40, 1, 0] },
      yLabel: "milliseconds",
      caption: "Steps.",
    }),
  "many bars": () => bars({ names: classNames, values: epochs((x) => x / 10), yLabel: "accuracy" }),
  "a histogram": () =>
    histogram({
      values: { training: epochs((x) => Math.sin(x), 999), test: epochs((x) => Math.cos(x), 999) },
      xLabel: "pixel value",
    }),
  "parallel coordinates": () =>
    parallelCoordinates({
      trials: epochs((x) => x, 12).map((x) => ({
        "learning rate": 10 ** (-x / 3),
        optimizer: ["Adam", "SGD"][x % 2],
        accuracy: x / 12,
      })),
      logarithmic: ["learning rate"],
    }),
  "parallel coordinates with a diverged trial": () =>
    parallelCoordinates({
      trials: epochs((x) => x, 12).map((x) => ({
        "weight decay": x === 5 ? 0 : 10 ** (-x / 3),
        loss: [-Infinity, Infinity, x, x, x, x][x % 6],
        accuracy: x % 4 ? x / 12 : Infinity,
      })),
      logarithmic: ["weight decay"],
    }),
  "images with titles": () =>
    imageGrid({ data: new Uint8Array(12 * 64), shape: [12, 8, 8, 1] }, {
      titles: epochs((x) => x, 12).map((x) => x % 2 ? "cat" : "automobile, taken for a truck"),
      wrong: epochs((x) => x, 12).map((x) => x % 2 === 0),
      title: "Mistakes",
      caption: "Images.",
    }),
};

// deno-lint-ignore no-explicit-any -- the DOM's own types are not these elements'
async function drawn(chart: Chart): Promise<any> {
  return parseHTML(await chart.toSvg()).document.querySelector("svg");
}

for (const [name, make] of Object.entries(charts)) {
  Deno.test(`${name}: no text is cut or meets another`, async () => {
    const svg = await drawn(make());
    const [width, height] = [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];
    const boxes = textBoxes(svg as SvgNode);
    assert(boxes.length > 0);
    for (const { text, box } of boxes) {
      const whole = box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height;
      assert(whole, `"${text}" is cut: ${JSON.stringify(box)} in ${width}×${height}`);
    }
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        // Boxes of aslant names are larger than the names.
        if (one.box.bottom - one.box.top > 30 && other.box.bottom - other.box.top > 30) continue;
        // Line boxes hold room above and below the letters.
        assert(!overlap(one.box, other.box, 3), `"${one.text}" meets "${other.text}"`);
      }
    }
  });

  Deno.test(`${name}: the SVG stands alone, is well-formed and small`, async () => {
    const text = await make().toSvg();
    assert(text.length < 60_000, `${text.length} characters`);
    assertMatch(text, /^<svg [^>]*viewBox="0 0 \d+ \d+"/);
    for (const [address] of text.matchAll(/(?:href="|url\()[^")]*/g)) {
      assertMatch(address, /^(href="data:image\/png;base64,|url\(#)/);
    }
    assert(!text.includes("foreignObject"));
    // Every number is one: a missing measure would have made NaN.
    assert(!/NaN|Infinity/.test(text));
    assertEquals(text, await make().toSvg(), "the same chart is the same text");
    wellFormed(text);
  });
}

/** Tags are closed in order, attributes quoted and given once, no bare ampersands: what XML asks. */
function wellFormed(text: string): void {
  const open: string[] = [];
  const rest = text.replace(/<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, (
    _all,
    closing: string,
    name: string,
    attributes: string,
    empty: string,
  ) => {
    const names = [...attributes.matchAll(/([\w:-]+)=/g)].map(([, attribute]) => attribute);
    if (!attributes.includes("base64")) {
      assertEquals(new Set(names).size, names.length, `twice in ${attributes}`);
    }
    if (closing) assertEquals(open.pop(), name);
    else if (!empty) open.push(name);
    return "";
  });
  assertEquals(open, []);
  assert(!/[<>]/.test(rest), `stray angle: ${rest.match(/.{0,30}[<>].{0,30}/)}`);
  assert(!/&(?!#?\w+;)/.test(text), "bare ampersand");
}

Deno.test("curves draws each value at its place", async () => {
  const chart = curves({
    yLabel: "loss",
    yRange: [0, 4],
    series: { training: [4, 2, NaN, 1], test: { x: [1, 4], y: [0, 3] } },
  });
  const svg = await drawn(chart);
  const height = Number(svg.querySelector(".plotclip rect").getAttribute("height"));
  const points = [...svg.querySelectorAll(".trace")].map((trace) =>
    [...trace.querySelectorAll("path.point")].map((point) =>
      point.getAttribute("transform").match(/[\d.]+/g)!.map(Number)
    )
  );
  assertEquals(points.map(({ length }) => length), [3, 2], "a gap at NaN");
  const [training, test] = points;
  const values = [4, 2, 1];
  training.forEach(([, y], index) => assertAlmostEquals(y, height * (1 - values[index] / 4), 0.02));
  assertAlmostEquals(test[0][1], height, 0.02);
  assertAlmostEquals(test[1][1], height / 4, 0.02);
  assertAlmostEquals(training[0][0], test[0][0], 0.01);
  assertAlmostEquals(training[2][0], test[1][0], 0.01);
});

Deno.test("curves keeps the colours of training, validation and test", async () => {
  const color = async (series: Record<string, number[]>, name: string) => {
    const figure = await curves({ yLabel: "loss", series }).figure();
    const trace = figure.data.find((each) => each.name === name);
    return (trace!.line as { color: string }).color;
  };
  const all = { "validation loss": [1], "test loss": [1], "training loss": [1] };
  for (const name of Object.keys(all)) {
    assertEquals(await color({ [name]: [1] }, name), await color(all, name));
  }
  const colors = await Promise.all(
    Object.keys({ other: [1], ...all }).map((name) => color({ other: [1], ...all }, name)),
  );
  assertEquals(new Set(colors).size, 4);
});

Deno.test("curves takes numbers alone and curves by name alone, and says what it needs", async () => {
  const { data, layout } = await curves([3, 2, 1]).figure();
  assertEquals([data[0].x, data[0].y], [[1, 2, 3], [3, 2, 1]]);
  assertEquals(layout.showlegend, false);
  assertStringIncludes(`${curves([3, 2, 1])}`, "value against place");
  const named = await curves({ training: [1, 2], validation: { x: [2, 4], y: [3, 1] } }).figure();
  assertEquals(named.data.map(({ name }) => name), ["training", "validation"]);
  for (const nothing of [{}, { yLabel: "loss" }, undefined, 7]) {
    // deno-lint-ignore no-explicit-any -- as in a notebook, where no types are checked
    assertThrows(() => curves(nothing as any), TypeError, "curves: give numbers");
  }
  const tensor = { dataSync: () => [1, 2] }; // which had been drawn as no values
  // deno-lint-ignore no-explicit-any
  const unread: any[] = [tensor, { loss: tensor }, { series: { loss: [tensor] } }, [[1, 2], [
    3,
    4,
  ]]];
  for (const each of [...unread, { loss: { x: [1], y: [Promise.resolve(1)] } }]) {
    assertThrows(() => curves(each), TypeError, "await tensor.array()");
  }
});

Deno.test("more curves and bars than colours stay apart", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `network ${index}`);
  const series = Object.fromEntries(names.map((name, index) => [name, [index, index + 1]]));
  const lines = (await curves({ yLabel: "accuracy", series, height: 700 }).figure()).data as {
    line: { color: string; dash?: string };
    marker: { symbol: string };
  }[];
  assertEquals(new Set(lines.map(({ line }) => `${line.color} ${line.dash}`)).size, 20);
  assertEquals(new Set(lines.map(({ line, marker }) => line.color + marker.symbol)).size, 20);
  const filled = (await bars({ names: ["a", "b"], values: series }).figure()).data as {
    marker: { color: string; pattern?: { shape: string } };
  }[];
  const looks = filled.map(({ marker }) => `${marker.color} ${marker.pattern?.shape}`);
  assertEquals(new Set(looks).size, 20);
});

Deno.test("Plotly's tools have a row of their own, where they hide nothing", async () => {
  for (const chart of [curves([3, 2, 1]), heatMap([[1, 2]], { title: "Two" })]) {
    const still = (await chart.figure()).layout as unknown as Layout;
    const bundle = await chart[displaySymbol]();
    const { layout } = bundle["application/vnd.plotly.v1+json"] as { layout: Layout };
    assertEquals(layout.height - still.height, 24);
    assertEquals(layout.margin.t - still.margin.t, 24);
    // The title stands as far above the plot as in the picture.
    if (still.title) {
      assertAlmostEquals(layout.title!.y * layout.height, still.title.y * still.height);
    }
  }
});

interface Layout {
  height: number;
  margin: { t: number };
  title?: { y: number };
}

Deno.test("a chart of curves tells each point's place and value to pages that ask", async () => {
  const chart = curves({
    panels: [
      { yLabel: "loss", series: { "a < b": [2, 1.5, NaN] } },
      { yLabel: "accuracy", series: { "a < b": [0.5, 0.6, 0.7] } },
    ],
  });
  const svg = parseHTML(await chart.toSvg()).document.querySelector("svg")!;
  const { hover } = JSON.parse(svg.querySelector("metadata")!.textContent!);
  assertEquals(hover.length, 2);
  const [{ left, width, xLabel, curves: [curve] }] = hover;
  assertEquals([xLabel, curve.name, curve.at, curve.values], [
    "epoch",
    "a < b",
    ["1", "2", "3"],
    ["2", "1.5", ""],
  ]);
  assert(curve.x.every((x: number) => x > left && x < left + width));
  assertEquals((await heatMap([[1, 2]]).toSvg()).includes("<metadata>"), false);
});

Deno.test("Chart's bundle is Plotly's figure, an SVG and words", async () => {
  const chart = curves({
    yLabel: "loss",
    series: { training: [2.5, 1.25, 1.5] },
    caption: "After each epoch.",
  });
  const bundle = await chart[displaySymbol]();
  const types = ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"];
  assertEquals(Object.keys(bundle).sort(), types);
  const figure = JSON.parse(JSON.stringify(bundle["application/vnd.plotly.v1+json"]));
  assertEquals(figure.data[0].y, [2.5, 1.25, 1.5]);
  assertEquals(figure.config.showSendToCloud, false);
  assertEquals(
    bundle["text/plain"],
    "loss against epoch\n" +
      "  training  2.5 at 1 → 1.5 at 3 (lowest 1.25 at 2, highest 2.5 at 1)\nAfter each epoch.",
  );
  assertStringIncludes(bundle["image/svg+xml"] as string, ">After each epoch.<");
  assertEquals(Object.keys(await chart.still()).sort(), types.slice(1));
});

Deno.test("Chart.save writes SVG and JSON, and refuses other endings", async () => {
  const folder = await Deno.makeTempDir();
  const chart = bars({ names: ["<a> & b", "c"], values: [1, 2] });
  await chart.save(`${folder}/chart.svg`);
  assertEquals(await Deno.readTextFile(`${folder}/chart.svg`), await chart.toSvg());
  await chart.save(`${folder}/chart.json`);
  const figure = JSON.parse(await Deno.readTextFile(`${folder}/chart.json`));
  assertEquals(figure.data[0].y, [1, 2]);
  await assertRejects(() => chart.save(`${folder}/chart.png`), RangeError, "chart.png");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Chart names of any characters stay text", async () => {
  const name = `<b "&' é ∞>`;
  const svg = await curves({ yLabel: "loss", series: { [name]: [1, 2], other: [1, 2] } }).toSvg();
  wellFormed(svg);
  const texts = [...parseHTML(svg).document.querySelectorAll("text")].map((text) =>
    text.textContent
  );
  assert(texts.includes(name), texts.join("|"));
});

Deno.test("heatMap draws one colour a cell, the first row at the top", async () => {
  const chart = heatMap([[0, 1, 0], [1, 1, 0]], { width: 400, colors: "count" });
  const svg = await drawn(chart);
  const image = svg.querySelector(".hm image");
  const { width, height, data } = pictureAt(image.getAttribute("href"));
  const red = (column: number, row: number) =>
    data[
      (Math.round((row + 0.5) * height / 2) * width + Math.round((column + 0.5) * width / 3)) *
      4
    ];
  const [white, dark] = [255, 0];
  assertEquals([0, 1, 2].map((column) => red(column, 0)), [white, dark, white]);
  assertEquals([0, 1, 2].map((column) => red(column, 1)), [dark, dark, white]);
});

Deno.test("confusionMap writes counts into cells and says the worst confusions", async () => {
  const chart = confusionMap([[8, 2], [5, 15]], { classNames: ["cat", "dog"] });
  const svg = await drawn(chart);
  const texts = [...svg.querySelectorAll(".heatmap-label text, .hm text")].map((text) =>
    text.textContent
  );
  assertEquals(texts.sort(), ["15", "2", "5", "8"]);
  assertEquals(
    String(chart),
    "23 of 30 right (76.7 %)\ndog taken for cat 5 times\ncat taken for dog 2 times",
  );
});

Deno.test("histogram counts every value once, the largest included", async () => {
  const chart = histogram({ values: [0, 0.1, 0.5, 0.99, 1, NaN], bins: 4 });
  const figure = await chart.figure();
  assertEquals(figure.data[0].y, [2, 0, 1, 2]);
  assertStringIncludes(String(chart), "5, from 0 to 1, mean 0.518");
  assertStringIncludes(String(chart), "1 not a number");
});

Deno.test("charts say that there is nothing to draw, and what is no number", async () => {
  const cases: [Chart, string][] = [
    [histogram({ values: [] }), "values: no values"],
    [histogram({ values: [NaN, Infinity] }), "values: no values, 2 not a number"],
    [histogram({ values: { a: [], b: [1, 3] } }), "a: no values\n  b: 2, from 1 to 3"],
    [heatMap([]), "0 rows × 0 columns, no values"],
    [
      heatMap([[NaN, 1], [Infinity, 2]]),
      "2 rows × 2 columns, values from 1 to 2, 2 not a number",
    ],
    [confusionMap([[0]], { classNames: ["a"] }), "0 of 0 right"],
    [
      curves({ yLabel: "loss", series: { a: { x: [NaN, 2, Infinity], y: [1, 3, 5] } } }),
      "3 at 2 → 3 at 2 (lowest 3 at 2, highest 3 at 2), 2 not a number",
    ],
  ];
  for (const [chart, words] of cases) {
    assertStringIncludes(String(chart), words);
    assert(!/NaN|∞/.test(String(chart)), String(chart));
    assert(!/NaN|Infinity/.test(JSON.stringify(await chart.figure())), words);
    const svg = await drawn(chart);
    assert(!/NaN|Infinity|undefined/.test(svg.querySelector(".plot, .xy")?.outerHTML ?? ""), words);
  }
});

Deno.test("parallelCoordinates places values on their axes", async () => {
  const chart = parallelCoordinates({
    trials: [{ rate: 0.001, kind: "b", score: 5 }, { rate: 0.1, kind: "a", score: 9 }, {
      rate: 0.01,
      kind: "b",
      score: 7,
    }],
    logarithmic: ["rate"],
  });
  const { data } = await chart.figure();
  // In the order of the scores: the best lies on top.
  const heights = data.map((trace) => trace.y as number[]);
  [[0, 0, 0], [0.5, 0, 0.5], [1, 1, 1]].forEach((places, trial) =>
    places.forEach((place, axis) => assertAlmostEquals(heights[trial][axis], place, 1e-9))
  );
  assertStringIncludes(String(chart), "highest score: rate 0.1, kind a, score 9");
});

Deno.test("parallelCoordinates sets what has no place on an axis at its bottom", async () => {
  const chart = parallelCoordinates({
    trials: [
      { decay: 0, accuracy: NaN },
      { decay: 0.01, accuracy: 0.5 },
      { decay: 1, accuracy: -Infinity },
      { decay: 0.1, accuracy: 0.75 },
    ],
    logarithmic: ["decay"],
  });
  const { data, layout } = await chart.figure();
  const colors = data.map((trace) => (trace.line as { color: string }).color);
  assertEquals(colors.slice(0, 2), ["#b3b3b3", "#b3b3b3"]);
  assert(!colors.slice(2).includes("#b3b3b3"));
  const heights = data.map((trace) => trace.y as number[]);
  [[0, 0], [1, 0], [0.12, 0.12], [0.56, 1]].forEach((places, trial) =>
    places.forEach((place, axis) => assertAlmostEquals(heights[trial][axis], place, 1e-9))
  );
  const labels = (layout.annotations as { text: string; y: number }[])
    .filter(({ y }) => y === 0).map(({ text }) => text);
  assertEquals(labels, ["0", "NaN, −∞"]);
  assertStringIncludes(String(chart), "highest accuracy: decay 0.1, accuracy 0.75");
  const mixed = parallelCoordinates({
    trials: [{ size: 0.5, loss: 1 }, { size: "all", loss: 2 }, { size: undefined, loss: 3 }],
  });
  assertStringIncludes(String(mixed), "highest loss: size left out, loss 3");
  const none = parallelCoordinates({ trials: [{ rate: 1, loss: NaN }] });
  assertStringIncludes(String(none), "no trial has a finite loss");
  const one = parallelCoordinates({ trials: [{ rate: 1, loss: NaN }, { rate: 2, loss: 3 }] });
  assertStringIncludes(String(one), "highest loss: rate 2, loss 3");
});

Deno.test("curves sets panels that find no room in rows below", async () => {
  const panel = { yLabel: "loss", series: { training: [2, 1] } };
  const layoutOf = async (count: number) =>
    (await curves({ panels: Array(count).fill(panel) }).figure()).layout;
  const domain = (axis: unknown) => (axis as { domain: [number, number] }).domain;
  const five = await layoutOf(5);
  assertEquals(domain(five.xaxis5), domain(five.xaxis));
  assert(domain(five.yaxis5)[1] < domain(five.yaxis)[0]);
  assertEquals(domain(five.yaxis4), domain(five.yaxis));
  assert((five.height as number) > ((await layoutOf(4)).height as number));
});

Deno.test("charts name what does not fit", async () => {
  assertThrows(
    () => curves({ yLabel: "loss", series: { training: { x: [1], y: [1, 2] } } }),
    RangeError,
    '"training" has 1 x but 2 y',
  );
  const narrow = { yLabel: "loss", series: { training: [1] }, width: 100 };
  assertThrows(() => curves(narrow), RangeError, "100 pixels of width leave no room for a plot");
  const flat = curves({ panels: Array(5).fill(narrow), height: 130 });
  await assertRejects(() => flat.toSvg(), RangeError, "130 pixels of height for 2 rows of plots");
  assertThrows(() => bars({ names: ["a"], values: [1, 2] }), RangeError, "2 values for 1 names");
  assertThrows(() => heatMap([[1, 2], [3]]), RangeError, "row 1 has 1 values, row 0 has 2");
  assertThrows(() => heatMap([[1, 2]], { rows: ["a", "b"] }), RangeError, "2 names for 1 rows");
  assertThrows(() => parallelCoordinates({ trials: [] }), RangeError, "no trials");
  // deno-lint-ignore no-explicit-any -- as in a notebook, where no types are checked
  const untyped = (draw: (given: any, more?: any) => unknown, given: unknown) => () => draw(given);
  assertThrows(untyped(bars, { a: 1, b: 2 }), TypeError, "bars: give names and values");
  assertThrows(untyped(histogram, [1, 2]), TypeError, "histogram: give values");
  assertThrows(untyped(heatMap, { values: [[1]] }), TypeError, "heatMap: rows of numbers");
  assertThrows(untyped(confusionMap, [[1]]), TypeError, "confusionMap: give classNames");
  assertThrows(untyped(table, 7), TypeError, "table: an array of rows");
  assertThrows(untyped(imageGrid, [7]), TypeError, "tf.stack makes one");
  assertThrows(
    () => parallelCoordinates({ trials: [{ a: 1 }, { b: 2 }] }),
    RangeError,
    'trial 1 has no value for "a"',
  );
});
