import { enlarge, pngAddress } from "./png.ts";

const sharpPixels = 600;

/**
 * As much of a canvas as Plotly's heat map uses without a browser: filled rectangles, pixels put in
 * place, and the picture as a PNG.
 */
export class Canvas {
  width = 0;
  height = 0;
  #context: Context | undefined;

  getContext(kind: string): Context | null {
    if (kind !== "2d") return null;
    return this.#context ??= new Context(this.width, this.height);
  }

  /** The picture, its pixels enlarged: Plotly leaves that to viewers, and some of them blur. */
  toDataURL(): string {
    const { width, height } = this;
    const data = this.#context?.pixels ?? new Uint8ClampedArray(width * height * 4);
    const factor = Math.max(1, Math.ceil(sharpPixels / Math.max(width, height)));
    return pngAddress(enlarge({ data, width, height, channels: 4 }, factor));
  }
}

interface ImagePixels {
  width: number;
  data: Uint8ClampedArray;
}

class Context {
  /** `rgba(red,green,blue,opacity)`, the only form that the heat map sets. */
  fillStyle = "rgba(0,0,0,0)";
  readonly pixels: Uint8ClampedArray;
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.pixels = new Uint8ClampedArray(width * height * 4);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const numbers = this.fillStyle.slice(this.fillStyle.indexOf("(") + 1).split(",");
    const [red, green, blue, opacity = 1] = numbers.map(parseFloat);
    const color = [red, green, blue, opacity * 255];
    const left = Math.max(0, Math.round(x)), right = Math.min(this.#width, Math.round(x + width));
    const bottom = Math.min(this.#height, Math.round(y + height));
    for (let row = Math.max(0, Math.round(y)); row < bottom; row++) {
      for (let column = left; column < right; column++) {
        this.pixels.set(color, (row * this.#width + column) * 4);
      }
    }
  }

  createImageData(width: number, height: number): ImagePixels {
    return { width, data: new Uint8ClampedArray(width * height * 4) };
  }

  putImageData({ width, data }: ImagePixels, x: number, y: number): void {
    for (let row = 0; row * width * 4 < data.length; row++) {
      const pixels = data.subarray(row * width * 4, (row + 1) * width * 4);
      this.pixels.set(pixels, ((y + row) * this.#width + x) * 4);
    }
  }
}
