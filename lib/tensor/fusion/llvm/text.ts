/** LLVM's intermediate representation as text, written line by line. */

/** A number as LLVM writes a float: the bits of the double that it is. */
export function float(value: number): string {
  const [bits] = new BigUint64Array(new Float64Array([Math.fround(value)]).buffer);
  return "0x" + bits.toString(16).toUpperCase().padStart(16, "0");
}

/** The body of one function. */
export class Body {
  readonly #lines: string[] = [];
  #names = 0;
  /** The block that is being written. */
  block = "entry";

  /** An instruction that gives nothing. */
  do(text: string): void {
    this.#lines.push(`  ${text}`);
  }

  /** An instruction's result, by its name. */
  value(text: string): string {
    const name = `%v${this.#names++}`;
    this.do(`${name} = ${text}`);
    return name;
  }

  label(name: string): void {
    this.#lines.push(`${name}:`);
    this.block = name;
  }

  /** The address of an element of an array. */
  at(pointer: string, index: string | number, type = "float"): string {
    return this.value(`getelementptr inbounds ${type}, ptr ${pointer}, i64 ${index}`);
  }

  load(type: string, pointer: string): string {
    return this.value(`load ${type}, ptr ${pointer}`);
  }

  store(type: string, value: string | number, pointer: string): void {
    this.do(`store ${type} ${value}, ptr ${pointer}`);
  }

  /** A place for an instruction that is known later: calls with its text fill it in. */
  later(): (text: string) => void {
    const at = this.#lines.push("") - 1;
    return (text) => this.#lines[at] = `  ${text}`;
  }

  /** What is written once for each index from `from` to `to`, exclusively; `hint` follows the branch at its end. */
  loop(
    name: string,
    [from, to]: [string | number, string | number],
    write: (index: string) => void,
    hint = "",
  ): void {
    const start = this.value(`icmp slt i64 ${from}, ${to}`);
    this.do(`br i1 ${start}, label %${name}, label %${name}.end`);
    const before = this.block;
    this.label(name);
    const index = `%${name}.index`, next = `%${name}.next`;
    const phi = this.later();
    write(index);
    this.do(`${next} = add nuw nsw i64 ${index}, 1`);
    const more = this.value(`icmp slt i64 ${next}, ${to}`);
    phi(`${index} = phi i64 [${from}, %${before}], [${next}, %${this.block}]`);
    this.do(`br i1 ${more}, label %${name}, label %${name}.end${hint}`);
    this.label(`${name}.end`);
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}

/** A function's text. */
export function functionText(head: string, body: Body): string {
  return `define ${head} {\nentry:\n${body}\n}\n`;
}
