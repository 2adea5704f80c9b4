import { toMnistForm } from "./digit_form.ts";

/** The pen's width and the cursor's step, as parts of the pad's side. */
const penWidth = 0.08;
const cursorStep = 1 / 28;

const moves: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * A canvas to draw on with mouse, finger or pen. With the keyboard, arrows move a cursor, the space bar
 * puts the pen down and lifts it, and Delete clears.
 */
export class DrawingPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #cursor: HTMLElement;
  readonly #changed: () => void;
  readonly #context: CanvasRenderingContext2D;
  /** The picture as it was put there, until somebody draws on it. */
  #picture: Uint8Array | null = null;
  #keyPosition = { x: 0.5, y: 0.5 };
  #keyDraws = false;

  constructor(canvas: HTMLCanvasElement, cursor: HTMLElement, changed: () => void) {
    this.#canvas = canvas;
    this.#cursor = cursor;
    this.#changed = changed;
    this.#context = canvas.getContext("2d", { willReadFrequently: true })!;
    this.clear();
    this.#listenToPointers();
    canvas.addEventListener("keydown", (event) => this.#followKeys(event));
    this.#showCursor();
  }

  clear(): void {
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#picture = null;
    this.#lift();
    this.#changed();
  }

  /** Puts a square picture of bytes on the pad, to be seen as it is and drawn over. */
  show(pixels: Uint8Array): void {
    this.clear();
    const { width, height } = this.#canvas;
    this.#context.imageSmoothingQuality = "high";
    this.#context.drawImage(pictureOf(pixels), 0, 0, width, height);
    this.#picture = pixels;
    this.#changed();
  }

  /** What the network gets: 28×28 bytes, or null where nothing is drawn. */
  read(): Uint8Array | null {
    if (this.#picture) return this.#picture;
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const values = Uint8Array.from({ length: width * height }, (_, pixel) => data[4 * pixel]);
    return toMnistForm({ values, width, height });
  }

  /** Draws from one place to another, in parts of the pad's side. */
  #line(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const context = this.#context, side = this.#canvas.width;
    context.strokeStyle = "#fff";
    context.lineWidth = penWidth * side;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x * side, from.y * side);
    context.lineTo(to.x * side, to.y * side);
    context.stroke();
    this.#picture = null;
  }

  #listenToPointers(): void {
    const canvas = this.#canvas;
    const place = ({ clientX, clientY }: PointerEvent) => {
      const box = canvas.getBoundingClientRect();
      return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
    };
    /** Where each pointer that draws was last. */
    const last = new Map<number, { x: number; y: number }>();
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const point = place(event);
      last.set(event.pointerId, point);
      this.#line(point, point);
      this.#changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = last.get(event.pointerId);
      if (!before) return;
      // Browsers join the moves between two pictures of the screen; the curve needs them all.
      const steps = event.getCoalescedEvents?.() ?? [];
      let point = before;
      for (const step of steps.length > 0 ? steps : [event]) {
        this.#line(point, point = place(step));
      }
      last.set(event.pointerId, point);
      this.#changed();
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(end, ({ pointerId }) => last.delete(pointerId));
    }
  }

  #followKeys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moves[event.key];
    if (move) {
      const before = this.#keyPosition;
      const moved = (from: number, by: number) => Math.min(1, Math.max(0, from + by * cursorStep));
      this.#keyPosition = { x: moved(before.x, move[0]), y: moved(before.y, move[1]) };
      if (this.#keyDraws) this.#line(before, this.#keyPosition);
    } else if (event.key === " ") {
      this.#keyDraws = !this.#keyDraws;
      if (this.#keyDraws) this.#line(this.#keyPosition, this.#keyPosition);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault(); // the page does not scroll
    this.#showCursor();
    this.#changed();
  }

  #lift(): void {
    this.#keyDraws = false;
    this.#showCursor();
  }

  #showCursor(): void {
    const { style, dataset } = this.#cursor;
    style.left = `${100 * this.#keyPosition.x}%`;
    style.top = `${100 * this.#keyPosition.y}%`;
    dataset.draws = String(this.#keyDraws);
  }
}

/** A square picture of bytes as a canvas of as many pixels. */
export function pictureOf(pixels: Uint8Array, side = Math.sqrt(pixels.length)): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  pixels.forEach((value, at) => image.data.set([value, value, value, 255], 4 * at));
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}
