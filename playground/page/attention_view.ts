import { pictureOf } from "./drawing_pad.ts";
import type { Prediction } from "./network.ts";

/** As in the notebooks: light from vermilion to yellow over the dimmed picture. */
const light = [[213, 94, 0], [255, 226, 70]];
const mostLight = 0.8;
const dimming = 0.7;
const frameColor = "#56B4E9";

/** One way to ask where the network looks. */
interface AttentionMap {
  name: string;
  /** What it is, for the line below the picture. */
  description: string;
  matrix(attention: Prediction["attention"]): Float32Array;
}

export interface AttentionElements {
  picture: HTMLCanvasElement;
  choices: HTMLElement;
  words: HTMLElement;
}

const percent = (part: number) => `${(100 * part).toFixed(1)}\u00a0%`;

/** The picture that the network sees, lit where it looks: for the class token or any one patch. */
export class AttentionView {
  readonly #elements: AttentionElements;
  readonly #across: number;
  readonly #maps: AttentionMap[];
  readonly #small: HTMLCanvasElement[] = [];
  #chosen = 0;
  /** The token that asks; 0 is the class token. */
  #token = 0;
  #shown: { pixels: Uint8Array; prediction: Prediction } | null = null;

  constructor(elements: AttentionElements, { heads, across }: { heads: number; across: number }) {
    this.#elements = elements;
    this.#across = across;
    this.#maps = [
      {
        name: "mean",
        description: "In the last block, the mean of its heads",
        matrix: ({ mean }) => mean,
      },
      ...Array.from({ length: heads }, (_, head) => ({
        name: `head ${head + 1}`,
        description: `In the last block, head ${head + 1}`,
        matrix: (attention: Prediction["attention"]) => attention.heads[head],
      })),
      {
        name: "rollout",
        description: "Followed through all blocks (rollout)",
        matrix: ({ rollout }) => rollout,
      },
    ];
    this.#makeChoices();
    this.#listen();
    this.show(null);
  }

  /** Shows a picture with its prediction, or nothing. */
  show(shown: { pixels: Uint8Array; prediction: Prediction } | null): void {
    this.#shown = shown;
    if (!shown) this.#token = 0;
    this.#draw();
  }

  #makeChoices(): void {
    this.#maps.forEach(({ name }, index) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "map", checked: index === 0 });
      input.addEventListener("change", () => {
        this.#chosen = index;
        this.#draw();
      });
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 112;
      this.#small.push(canvas);
      const words = document.createElement("span");
      words.textContent = name;
      label.append(input, canvas, words);
      this.#elements.choices.append(label);
    });
  }

  #listen(): void {
    const { picture } = this.#elements, across = this.#across;
    const ask = (token: number) => {
      if (token === this.#token) return;
      this.#token = token;
      this.#draw();
    };
    const under = (event: PointerEvent) => {
      const box = picture.getBoundingClientRect();
      const place = (part: number) => Math.min(across - 1, Math.max(0, Math.floor(part * across)));
      const column = place((event.clientX - box.left) / box.width);
      const row = place((event.clientY - box.top) / box.height);
      ask(1 + row * across + column);
    };
    picture.addEventListener("pointermove", under);
    picture.addEventListener("pointerdown", under);
    // A finger leaves whenever it is lifted; what it pointed at stays until it points elsewhere.
    picture.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType !== "touch") ask(0);
    });
    picture.addEventListener("blur", () => ask(0));
    picture.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const steps: Record<string, [number, number]> = {
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
      };
      const step = steps[event.key];
      if (!step && event.key !== "Escape") return;
      event.preventDefault();
      if (!step) return ask(0);
      const middle = Math.floor(across / 2);
      const patch = this.#token === 0 ? middle * across + middle : this.#token - 1;
      if (this.#token === 0) return ask(1 + patch);
      const inside = (place: number) => Math.min(across - 1, Math.max(0, place));
      const row = inside(Math.floor(patch / across) + step[0]);
      ask(1 + row * across + inside(patch % across + step[1]));
    });
  }

  #draw(): void {
    const { picture, words } = this.#elements;
    if (!this.#shown) {
      [picture, ...this.#small].forEach(darken);
      words.textContent = "Draw something, and see which patches the network looks at.";
      picture.setAttribute("aria-label", "Where the network looks: nothing is drawn yet");
      return;
    }
    const { pixels, prediction } = this.#shown;
    const source = pictureOf(pixels);
    this.#maps.forEach((map, index) => {
      const row = this.#row(map, prediction, 0);
      this.#light(this.#small[index], source, row, {});
    });
    const map = this.#maps[this.#chosen];
    const row = this.#row(map, prediction, this.#token);
    const best = row.indexOf(Math.max(...row));
    this.#light(picture, source, row, { best, asking: this.#token - 1 });
    const who = this.#token === 0
      ? "the class token"
      : `the patch in ${this.#placeOf(this.#token - 1)}`;
    words.textContent = `${map.description}: ${who} looks most at ${this.#placeOf(best)} (${
      percent(row[best])
    }).`;
    picture.setAttribute("aria-label", `Where the network looks. ${words.textContent}`);
  }

  #placeOf(patch: number): string {
    return `row ${Math.floor(patch / this.#across) + 1}, column ${patch % this.#across + 1}`;
  }

  /** What a token takes from each patch. */
  #row(map: AttentionMap, { attention }: Prediction, token: number): Float32Array {
    const tokens = 1 + this.#across ** 2;
    return map.matrix(attention).slice(token * tokens + 1, (token + 1) * tokens);
  }

  #light(
    canvas: HTMLCanvasElement,
    source: HTMLCanvasElement,
    row: Float32Array,
    { best = -1, asking = -1 }: { best?: number; asking?: number },
  ): void {
    const context = canvas.getContext("2d")!;
    const patch = canvas.width / this.#across;
    darken(canvas);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = dimming;
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const least = Math.min(...row), range = Math.max(...row) - least || 1;
    const corner = (index: number): [x: number, y: number] => [
      (index % this.#across) * patch,
      Math.floor(index / this.#across) * patch,
    ];
    row.forEach((weight, index) => {
      const part = (weight - least) / range;
      const color = light[0].map((from, channel) => from + (light[1][channel] - from) * part);
      context.globalAlpha = mostLight * part;
      context.fillStyle = `rgb(${color.map(Math.round)})`;
      context.fillRect(...corner(index), patch, patch);
    });
    if (canvas === this.#elements.picture) this.#drawGrid(context, patch);
    context.globalAlpha = 1;
    const frame = (index: number, color: string, dashes: number[]) => {
      const line = canvas.width / 90;
      const [x, y] = corner(index);
      context.strokeStyle = color;
      context.lineWidth = line;
      context.setLineDash(dashes);
      context.strokeRect(x + line / 2, y + line / 2, patch - line, patch - line);
    };
    if (best >= 0) frame(best, frameColor, []);
    if (asking >= 0) frame(asking, "#fff", [canvas.width / 60, canvas.width / 60]);
  }

  /** Faint lines between the patches. */
  #drawGrid(context: CanvasRenderingContext2D, patch: number): void {
    const { width } = context.canvas;
    context.globalAlpha = 0.14;
    context.fillStyle = "#fff";
    for (let line = 1; line < this.#across; line++) {
      context.fillRect(line * patch - 1, 0, 2, width);
      context.fillRect(0, line * patch - 1, width, 2);
    }
  }
}

function darken(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext("2d")!;
  context.globalAlpha = 1;
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
}
