/** What `course/words.json` says of the library's names, for completion and help; made by `site/words.ts`. */

/** A name of a module, or a member of a class. */
export interface Word {
  /** How it is declared, without its body: `function softmax(logits: Tensor, dim?: number): Tensor`. */
  declared: string;
  /** Its comment, in Markdown. */
  says?: string;
  /** What a class or an interface has, by name. */
  members?: Record<string, Word>;
}

/** By module, as cells import it, and then by name. */
export type Words = Record<string, Record<string, Word>>;
