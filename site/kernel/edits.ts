/** Changes to a text by places of the text as it was; none of them moves a line by itself. */

interface Edit {
  start: number;
  end: number;
  text: string;
  /** Where several stand at one place: closings first, the inner ones first, then openings, the outer ones first. */
  rank: readonly [kind: number, order: number, turn: number];
}

export class Edits {
  readonly #edits: Edit[] = [];

  constructor(readonly text: string) {}

  /** Of several at one place the first stands first, behind closings and before openings. */
  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, rank: [0, 0, this.#turn()] });
  }

  /** Puts text before and behind a part. */
  wrap({ start, end }: { start: number; end: number }, opening: string, closing: string): void {
    const turn = this.#turn();
    this.#edits.push({ start, end: start, text: opening, rank: [1, -end, turn] });
    this.#edits.push({ start: end, end, text: closing, rank: [-1, -start, -turn] });
  }

  /** What was to be changed inside of it is gone too. */
  replace({ start, end }: { start: number; end: number }, text: string): void {
    this.#edits.push({ start, end, text, rank: [2, 0, this.#turn()] });
  }

  /** Leaves nothing but the line breaks. */
  blank(start: number, end: number): void {
    if (start < end) this.replace({ start, end }, blanked(this.text.slice(start, end)));
  }

  /** Of parts with the same ends the first is the outer one. */
  #turn(): number {
    return this.#edits.length;
  }

  apply(): string {
    let result = "";
    let at = 0;
    const inOrder = this.#edits.toSorted((a, b) =>
      a.start - b.start || a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2]
    );
    for (const { start, end, text } of inOrder) {
      if (start < at) continue;
      result += this.text.slice(at, start) + text;
      at = end;
    }
    return result + this.text.slice(at);
  }
}

/** A text with nothing left but its line breaks. */
export function blanked(text: string): string {
  return text.replace(/[^\n]/g, "");
}
