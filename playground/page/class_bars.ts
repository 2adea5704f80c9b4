/** One bar a class, and the prediction in words. */
export class ClassBars {
  readonly #rows: { row: HTMLElement; bar: HTMLElement; number: HTMLElement }[];
  readonly #words: HTMLElement;
  readonly #spoken: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `spoken` is a live region: screen readers say it when the drawing rests. */
  constructor(list: HTMLElement, words: HTMLElement, spoken: HTMLElement, classes: number) {
    this.#words = words;
    this.#spoken = spoken;
    this.#rows = Array.from({ length: classes }, (_, index) => {
      const row = document.createElement("li");
      const [name, track, number] = ["b", "span", "span"].map((tag) => document.createElement(tag));
      const bar = document.createElement("i");
      name.textContent = String(index);
      track.className = "track";
      track.append(bar);
      number.className = "number";
      row.append(name, track, number);
      list.append(row);
      return { row, bar, number };
    });
    this.show(null);
  }

  /** Shows the classes' probabilities, or nothing. */
  show(probabilities: Float32Array | null): void {
    const order = probabilities
      ? [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a])
      : [];
    this.#rows.forEach(({ row, bar, number }, index) => {
      const part = probabilities?.[index] ?? 0;
      row.classList.toggle("best", index === order[0]);
      bar.style.width = `${100 * part}%`;
      number.textContent = probabilities ? percent(part) : "";
    });
    const text = probabilities ? verdict(probabilities, order) : "Nothing drawn yet.";
    this.#words.textContent = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#spoken.textContent = text, 700);
  }
}

function verdict(probabilities: Float32Array, [first, second]: number[]): string {
  const best = `${first} (${percent(probabilities[first])})`;
  if (probabilities[first] >= 0.8) return `This is a ${best}.`;
  const other = `${second} (${percent(probabilities[second])})`;
  return probabilities[first] >= 0.5
    ? `Perhaps a ${best}, or a ${other}.`
    : `A ${best}? A ${other}?`;
}

/** Whole percents that never claim certainty. */
function percent(part: number): string {
  if (part > 0.995) return ">\u00a099\u00a0%";
  return part < 0.005 ? "<\u00a01\u00a0%" : `${Math.round(100 * part)}\u00a0%`;
}
