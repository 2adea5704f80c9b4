/** The questions in words of a unit as a reader sees them: without names, equal answers once. */
import type { Answer, Book, Question } from "../book.ts";
import { checksum } from "../handing_in/manifest.ts";
import type { KeyEntry } from "./points_key.ts";

/** What the page gets of an answer: nothing that tells whose it is. Texts are HTML. */
export interface ShownAnswer {
  html: string;
  points: number | null;
  comment: string;
}

export interface ShownQuestion {
  /** `2_residual_networks: answer`. */
  title: string;
  points: number;
  question: string;
  sample: string;
  key: { points: number; html: string }[];
  answers: ShownAnswer[];
  /** Comments that were given before, most used first. */
  comments: string[];
}

/** An answer, and all who gave it word for word, such as the members of a group. */
interface Shared {
  learners: string[];
  answer: Answer;
}

/** What is read, and who is behind it: the page is told the first only. */
export class Reading {
  readonly #unit: string;
  readonly #book: Book;
  readonly #questions: { question: Question; shared: Shared[] }[];
  readonly shown: ShownQuestion[];

  private constructor(
    unit: string,
    book: Book,
    questions: { question: Question; shared: Shared[] }[],
    shown: ShownQuestion[],
  ) {
    this.#unit = unit;
    this.#book = book;
    this.#questions = questions;
    this.shown = shown;
  }

  /** Takes all answers that a person reads out of the gradebook; those that are empty have their points. */
  static async of(
    unit: string,
    book: Book,
    keyOf: (question: Question) => readonly KeyEntry[],
  ): Promise<Reading> {
    const questions = await Promise.all(
      (await book.answers(unit)).map(async (question) => ({
        question,
        shared: await sharedAnswers(question),
      })),
    );
    const texts = questions.flatMap(({ question, shared }) => [
      ...[question.question, question.sample, ...keyOf(question).map((entry) => entry.for)],
      ...shared.map(({ answer }) => answer.text),
    ]);
    const html = (await book.render(texts)).values();
    const next = () => html.next().value!;
    const shown = questions.map(({ question, shared }): ShownQuestion => ({
      title: `${question.notebook}: ${question.task}`,
      points: question.points,
      question: next(),
      sample: next(),
      key: keyOf(question).map(({ points }) => ({ points, html: next() })),
      // Points for what was handed in before are none for this.
      answers: shared.map(({ answer: { manual, waits, comment } }) => ({
        ...{ html: next(), points: waits ? null : manual, comment },
      })),
      comments: commentsIn(shared),
    }));
    return new Reading(unit, book, questions, shown);
  }

  /** Gives an answer points and a comment, for all whose it is. Throws a `RangeError` where there is no such one. */
  async give(
    question: number,
    answer: number,
    given: { points: number | null; comment: string },
  ): Promise<void> {
    const asked = this.#questions[question];
    const shared = asked?.shared[answer];
    if (!shared) throw new RangeError(`there is no answer ${answer} to question ${question}`);
    const { points } = given;
    const isFine = points === null || (points >= 0 && points <= asked.question.points);
    if (!isFine) throw new RangeError(`${points} is not from 0 to ${asked.question.points} points`);
    await this.#book.give(this.#unit, asked.question, { learners: shared.learners, ...given });
    Object.assign(this.shown[question].answers[answer], given);
  }
}

/** The answers that wait or were read, equal ones together, in an order that says nothing of their writers. */
async function sharedAnswers(question: Question): Promise<Shared[]> {
  const byText = new Map<string, Shared>();
  for (const answer of question.answers) {
    if (!answer.waits && answer.manual === null) continue;
    const text = answer.text.trim();
    const known = byText.get(text);
    if (known) {
      known.learners.push(answer.learner);
      if (answer.waits) known.answer = { ...known.answer, waits: true };
    } else byText.set(text, { learners: [answer.learner], answer });
  }
  const keyed = await Promise.all([...byText.values()].map(async (shared) => ({
    shared,
    key: await checksum(new TextEncoder().encode(`${question.task} ${shared.answer.text}`)),
  })));
  return keyed.sort((a, b) => a.key < b.key ? -1 : 1).map(({ shared }) => shared);
}

function commentsIn(shared: readonly Shared[]): string[] {
  const counts = new Map<string, number>();
  for (const { answer } of shared) {
    for (const line of answer.comment.split("\n").map((each) => each.trim()).filter(Boolean)) {
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([line]) => line);
}
