import { writeTextAtomically } from "../platform/files.ts";
import { drawFigure, type Figure } from "./drawing.ts";
import { withRoomForTools } from "./frame.ts";
import { type Displayable, displaySymbol, type MimeBundle } from "./live.ts";
import { loadFont } from "./text_metrics.ts";

export interface ChartParts {
  /** Makes the figure when it is first needed; widths of text can be asked for inside. */
  figure: () => Figure | Promise<Figure>;
  /** What the chart says, in words, for places that show no pictures. */
  words: string;
  caption?: string;
  /** Whether there is nothing to zoom or to point at, as in a grid of images: a still picture is all. */
  isPicture?: boolean;
}

const plotlyType = "application/vnd.plotly.v1+json";

/**
 * A chart that can be shown, in three forms at once: Plotly's interactive one, a static SVG (for
 * exports and live updates), and words. Ending a notebook cell with it shows it.
 */
export class Chart implements Displayable {
  readonly caption: string;
  readonly #parts: ChartParts;
  #figure: Promise<Figure> | undefined;
  #svg: Promise<string> | undefined;

  constructor(parts: ChartParts) {
    this.#parts = parts;
    this.caption = parts.caption ?? "";
  }

  /** The Plotly figure: data, layout and configuration. */
  figure(): Promise<Figure> {
    return this.#figure ??= loadFont().then(() => this.#parts.figure());
  }

  /** The chart as the text of a self-contained SVG. */
  toSvg(): Promise<string> {
    return this.#svg ??= this.figure().then(drawFigure);
  }

  /** What the chart says, in words. */
  toString(): string {
    return this.caption ? `${this.#parts.words}\n${this.caption}` : this.#parts.words;
  }

  /** Writes `.svg` (the picture) or `.json` (the Plotly figure). Throws a `RangeError` for others. */
  async save(path: string): Promise<void> {
    if (path.endsWith(".svg")) await writeTextAtomically(path, await this.toSvg());
    else if (path.endsWith(".json")) {
      await writeTextAtomically(path, JSON.stringify(await this.figure()));
    } else throw new RangeError(`Chart.save: "${path}" must end in .svg or .json`);
  }

  async [displaySymbol](): Promise<MimeBundle> {
    const still = await this.still();
    if (this.#parts.isPicture) return still;
    return { [plotlyType]: withRoomForTools(await this.figure()), ...still };
  }

  /** The forms that may replace each other while a cell runs; Plotly's cannot be updated there. */
  async still(): Promise<MimeBundle> {
    return { "image/svg+xml": await this.toSvg(), "text/plain": this.toString() };
  }
}
