import { jsonForScript } from "../platform/last_value.ts";
import type * as tf from "../tensor/tf.ts";
import { attentionMaps, patchesAcross } from "./attention_maps.ts";
import type { Chart } from "./chart.ts";
import { type Displayable, displaySymbol, type MimeBundle } from "./live.ts";
import { maximum } from "./numbers.ts";
import { type Images, picturesOf, type PixelOptions } from "./pictures.ts";
import { enlarge, pngAddress } from "./png.ts";
import { fontFamily } from "./text_metrics.ts";

/** What an {@link attentionExplorer} shows beside the maps. */
export interface AttentionExplorerOptions extends PixelOptions {
  /** Tokens before the patches: 1 with a class token, else 0. Default: 1. */
  tokensBefore?: number;
  patchesAcross?: number;
  /** Which weight stays dark: none at all, or the smallest of what a token gives patches. Default: `"zero"`. */
  darkest?: "zero" | "smallest";
  /** The length of the image's longer side on the page, in pixels. Default: 320. */
  imageSize?: number;
  caption?: string;
}

let explorers = 0;

/**
 * One image whose patches tell, under the pointer or by the arrow keys, where they look: image `[height, width, C]` (or
 * a batch of one) and its attention `[N, N]`, row by row what a token takes from each token.
 *
 * Where no page can run, the still form shows where the class token looks (or the first patch).
 * Throws a `RangeError` where image and attention do not fit.
 */
export function attentionExplorer(
  image: Images,
  attention: tf.Tensor,
  options: AttentionExplorerOptions = {},
): AttentionExplorer {
  return new AttentionExplorer(image, attention, options);
}

/** See {@link attentionExplorer}. */
export class AttentionExplorer implements Displayable {
  readonly #html: string;
  readonly #still: Chart;

  constructor(image: Images, attention: tf.Tensor, options: AttentionExplorerOptions) {
    const { tokensBefore = 1, imageSize = 320, darkest = "zero", caption = "" } = options;
    const [picture, another] = picturesOf(image, options);
    if (another) throw new RangeError("attentionExplorer: one image is needed, not a batch");
    const { shape } = attention;
    if (shape.length !== 2 || shape[0] !== shape[1] || shape[0] <= tokensBefore) {
      throw new RangeError(
        `attentionExplorer: attention [N, N] with N > ${tokensBefore} is needed, not [${shape}]`,
      );
    }
    const tokens = shape[0], patches = tokens - tokensBefore;
    const across = patchesAcross(patches, options.patchesAcross);
    const scale = imageSize / Math.max(picture.width, picture.height);
    const size = { width: picture.width * scale, height: picture.height * scale };
    const factor = Math.max(1, Math.ceil(imageSize / Math.max(picture.width, picture.height)));
    this.#html = page({
      id: `attention-${crypto.randomUUID().slice(0, 8)}-${explorers++}`,
      source: pngAddress(enlarge(picture, factor)),
      ...size,
      across,
      down: patches / across,
      tokensBefore,
      darkest,
      ...packed(attention.dataSync()),
      caption,
    });
    const first = attention.slice([0, tokensBefore], [1, patches]) as tf.Tensor2D;
    this.#still = attentionMaps(image, first, {
      ...options,
      mapTitles: [tokensBefore ? "the class token looks here" : "the first patch looks here"],
      patchesAcross: across,
      imageSize: 220,
    });
    first.dispose();
  }

  async [displaySymbol](): Promise<MimeBundle> {
    return { "text/html": this.#html, ...await this.#still.still() };
  }

  /** The page alone, for a file. */
  toHtml(): string {
    return this.#html;
  }
}

interface Page {
  id: string;
  source: string;
  width: number;
  height: number;
  across: number;
  down: number;
  tokensBefore: number;
  darkest: "zero" | "smallest";
  /** Weights as 16-bit parts of `largest`, little end first, in base64. */
  weights: string;
  largest: number;
  caption: string;
}

function packed(values: ArrayLike<number>): { weights: string; largest: number } {
  const largest = maximum(values) || 1;
  const bytes = new DataView(new ArrayBuffer(values.length * 2));
  for (let at = 0; at < values.length; at++) {
    const part = Math.max(0, Math.min(1, values[at] / largest));
    bytes.setUint16(at * 2, Math.round(part * 65535), true);
  }
  return { weights: new Uint8Array(bytes.buffer).toBase64(), largest };
}

function page(page: Page): string {
  const { id, source, width, height, across, down } = page;
  const [patchWidth, patchHeight] = [width / across, height / down];
  const patches = Array.from({ length: across * down }, (_, patch) => {
    const [x, y] = [(patch % across) * patchWidth, Math.floor(patch / across) * patchHeight];
    return `<rect x="${round(x)}" y="${round(y)}" width="${round(patchWidth)}" height="${
      round(patchHeight)
    }"/>`;
  }).join("");
  const { tokensBefore, darkest, weights, largest } = page;
  const settings = jsonForScript({ id, across, tokensBefore, darkest, weights, largest });
  const caption = page.caption.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  // The picture's attribute keeps JupyterLab's shortcuts from taking its arrow keys.
  return `<figure id="${id}" style="margin:0;font-family:${fontFamily};font-size:13px">
<svg tabindex="0" data-lm-suppress-shortcuts="true" role="img" aria-label="Where the network looks" viewBox="0 0 ${
    round(width)
  } ${round(height)}" width="${round(width)}" height="${
    round(height)
  }" style="display:block;max-width:100%;height:auto;cursor:crosshair;touch-action:none">
<image href="${source}" width="${round(width)}" height="${
    round(height)
  }" style="image-rendering:pixelated;filter:grayscale(1) brightness(0.7)"/>
<g fill="#000" fill-opacity="0">${patches}</g>
<rect width="${round(patchWidth)}" height="${
    round(patchHeight)
  }" fill="none" stroke="#56B4E9" stroke-width="2.5" visibility="hidden" pointer-events="none"/>
</svg>
<figcaption style="padding:4px 0;min-height:2.6em"><span aria-live="polite"></span><br>Point at a patch, ` +
    `or choose the picture with Tab and move with the arrow keys.${
      caption ? `<br>${caption}` : ""
    }</figcaption>
<script>(${script})(${settings});</script>
</figure>`;
}

/** Runs in the reader's page. */
const script = `({ id, across, tokensBefore, darkest, weights, largest }) => {
  const figure = document.getElementById(id);
  const patches = [...figure.querySelectorAll("g rect")];
  const picture = figure.querySelector("svg"), words = figure.querySelector("span");
  const frame = figure.querySelector("svg > rect");
  let chosen = -1;
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const table = new DataView(bytes.buffer), tokens = patches.length + tokensBefore;
  const weight = (from, to) => table.getUint16((from * tokens + to) * 2, true) / 65535 * largest;
  const color = (part) => "rgb(" + [213 + 42 * part, 94 + 132 * part, 70 * part].map(Math.round) + ")";
  const percent = (part) => (100 * part).toFixed(1) + " %";
  const name = (patch) => "row " + (Math.floor(patch / across) + 1) + ", column " + (patch % across + 1);
  const show = (token) => {
    const row = patches.map((_, patch) => weight(token, patch + tokensBefore));
    const most = Math.max(...row), best = row.indexOf(most);
    const least = darkest === "smallest" ? Math.min(...row) : 0;
    patches.forEach((patch, index) => {
      const part = most > least ? (row[index] - least) / (most - least) : 0;
      patch.style.fill = color(part);
      patch.style.fillOpacity = 0.8 * part;
    });
    const patch = token - tokensBefore;
    frame.setAttribute("visibility", patch < 0 ? "hidden" : "visible");
    if (patch >= 0) {
      frame.setAttribute("x", patches[patch].getAttribute("x"));
      frame.setAttribute("y", patches[patch].getAttribute("y"));
    }
    const who = patch < 0 ? "The class token" : "The patch in " + name(patch);
    const own = tokensBefore && patch >= 0 ? ", " + percent(weight(token, 0)) + " at the class token" : "";
    say(who + " looks most at " + name(best) + " (" + percent(most) + ")" + own + ".");
  };
  const say = (text) => {
    words.textContent = text;
    picture.setAttribute("aria-label", "Where the network looks. " + text);
  };
  const choose = (patch) => show((chosen = patch) + tokensBefore);
  const rest = () => {
    chosen = -1;
    if (tokensBefore) return show(0);
    patches.forEach((patch) => patch.style.fillOpacity = 0);
    frame.setAttribute("visibility", "hidden");
    say("No patch is chosen.");
  };
  patches.forEach((patch, index) => {
    for (const event of ["pointerenter", "pointerdown"]) {
      patch.addEventListener(event, () => choose(index));
    }
  });
  picture.addEventListener("pointerleave", rest);
  picture.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key], down = patches.length / across;
    if (event.key === "Home" || (event.key === "Escape" && chosen >= 0)) rest();
    else if (!step) return;
    else if (chosen < 0) choose(0);
    else {
      const column = Math.min(across - 1, Math.max(0, chosen % across + step[0]));
      const row = Math.min(down - 1, Math.max(0, Math.floor(chosen / across) + step[1]));
      choose(row * across + column);
    }
    event.preventDefault();
    event.stopPropagation();
  });
  rest();
}`;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
