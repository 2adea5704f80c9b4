/** The playground: a page on which a reader draws digits, and a trained Vision Transformer looks at them. */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { makeFolder } from "../lib/platform/disk.ts";
import { dirname } from "../lib/platform/paths.ts";
import {
  evaluateExamples,
  type ImageDataset,
  type Module,
  normalize,
  projectPath,
} from "../lib/mod.ts";
import { bundlePage, pageFile, wasmProgram } from "./bundle.ts";
import { explanation } from "./explanation.ts";
import { dataElement, type PageData } from "./page_data.ts";
import { sizesOf } from "./sizes.ts";

export interface PlaygroundOptions {
  /** What the model is called on the page. Default: `VisionTransformer`. */
  name?: string;
  /** Images of which a few are on the page, to click on: the test images. */
  examples: ImageDataset;
  /** How the images were normalised in training; default: MNIST's mean and standard deviation. */
  mean?: number;
  standardDeviation?: number;
  /** Where the page is written. Default: `out/playground.html` in the project. */
  file?: string;
}

/** Of so many images the examples are chosen. */
const candidates = 1_000;
/** So many examples that the model gets wrong come after one of each class that it gets right. */
const mistakes = 3;

/**
 * Writes a page, one file that needs no network, on which one draws digits while `model`, a
 * `VisionTransformer` of the library's parts, tells what they are and where it looks. A notebook shows
 * it inline.
 *
 * Throws a `TypeError` where the page cannot show the model.
 */
export async function playground(model: Module, options: PlaygroundOptions): Promise<Playground> {
  const { name = model.constructor.name, mean = 0.1307, standardDeviation = 0.3081 } = options;
  const file = options.file ?? projectPath("out", "playground.html");
  const sizes = sizesOf(model);
  const variables = model.namedVariables();
  const data: PageData = {
    name,
    sizes,
    variables: [...variables.keys()],
    weights: await packed([...variables.values()]),
    mean,
    standardDeviation,
    examples: await chooseExamples(model, options.examples, normalize(mean, standardDeviation)),
    wasm: (await wasmProgram()).toBase64(),
  };
  const html = fill(await pageFile("page.html"), {
    style: `<style>\n${await pageFile("page.css")}</style>`,
    explanation: explanation(sizes),
    name: escaped(name),
    data: `<script id="${dataElement}" type="application/json">${
      JSON.stringify(data).replaceAll("<", "\\u003c")
    }</script>`,
    script: `<script>${await bundlePage()}</script>`,
  });
  await makeFolder(dirname(file));
  await writeTextAtomically(file, html);
  return new Playground(html, file);
}

/** A page that was made: a notebook shows it where a cell ends with it. */
export class Playground {
  readonly html: string;
  readonly file: string;

  constructor(html: string, file: string) {
    this.html = html;
    this.file = file;
  }

  /** The file's size. */
  get megabytes(): number {
    return new TextEncoder().encode(this.html).length / 1e6;
  }

  /** The file as seen from the project's folder. */
  get #name(): string {
    return this.file.replace(/^(\.\.\/)+/, "");
  }

  /** The output of a notebook's cell, by MIME type. */
  output(): Record<string, string> {
    return {
      "text/html": this.#framed(),
      "text/plain": `A page to draw digits on, ${this.#name} (${this.megabytes.toFixed(1)} MB): ` +
        "open it in a browser.",
    };
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return this.output();
  }

  /** The page in a frame of its own, which keeps its keys and styles apart from the notebook's. */
  #framed(): string {
    const id = `playground-${crypto.randomUUID().slice(0, 8)}`;
    return `<iframe id="${id}" title="Draw a digit" sandbox="allow-scripts" srcdoc="${
      escaped(this.html)
    }" style="display:block;width:100%;height:1000px;border:0"></iframe>
<p><button type="button" id="${id}-open">Open it in a tab of its own</button>
The same page is the file <code>${escaped(this.#name)}</code>.</p>
<script>(() => {
  const frame = document.getElementById("${id}");
  document.getElementById("${id}-open").onclick = () =>
    open(URL.createObjectURL(new Blob([frame.srcdoc], { type: "text/html" })));
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow || !(data?.playgroundHeight > 0)) return;
    frame.style.height = data.playgroundHeight + "px";
  });
})();</script>`;
  }
}

/** float32 values of all variables, one after the other, in base64. */
async function packed(variables: { data(): Promise<ArrayLike<number>> }[]): Promise<string> {
  const values = await Promise.all(variables.map((variable) => variable.data()));
  const all = new Float32Array(values.reduce((size, each) => size + each.length, 0));
  let start = 0;
  for (const each of values) {
    all.set(each, start);
    start += each.length;
  }
  return new Uint8Array(all.buffer).toBase64();
}

/** One image of each class, which the model gets right where there is one, and a few that it gets wrong. */
async function chooseExamples(
  model: Module,
  images: ImageDataset,
  transform: ReturnType<typeof normalize>,
): Promise<PageData["examples"]> {
  const some = images.subset(
    Array.from({ length: Math.min(candidates, images.size) }, (_, i) => i),
  );
  const { labels, predictions } = await evaluateExamples(model, some, { transform });
  const isRight = (index: number) => labels[index] === predictions[index];
  const right = some.classNames.flatMap((_, label) => {
    const ofClass = [...some.indicesOfClass(label)];
    return ofClass.find(isRight) ?? ofClass[0] ?? [];
  });
  const wrong = [...labels.keys()].filter((index) => !isRight(index) && !right.includes(index));
  return [...right, ...wrong.slice(0, mistakes)].map((index) => {
    const { images, labels: unused } = some.batch([index]);
    const pixels = Uint8Array.from(images.dataSync()).toBase64();
    images.dispose();
    unused.dispose();
    return { label: labels[index], said: predictions[index], pixels };
  });
}

/** Puts values in the places `<!-- name -->` of a text. */
function fill(text: string, values: Record<string, string>): string {
  return text.replace(/<!-- (\w+) -->/g, (_, name) => values[name]);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
