/** The page on which answers are read: by the keyboard alone, question by question, all texts at hand. */
import type { ShownAnswer, ShownQuestion } from "./reading.ts";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const comment = element<HTMLTextAreaElement>("comment");
const status = element("status");

const questions: ShownQuestion[] = await (await fetch("questions")).json();
/** Letters for comments that were given before; N is for a new one. */
const letters = [..."abcdefghijklmopqrstuvwxyz"];

let question = 0;
let answer = 0;
/** The points chosen, before they are saved. */
let points: number | null = null;
let saving = 0;

const asked = () => questions[question];
const shown = (): ShownAnswer | undefined => asked()?.answers[answer];
const unread = ({ answers }: ShownQuestion) => answers.filter(({ points }) => points === null);

/** Shows the place where the reader is. */
function show(): void {
  const all = questions.reduce((sum, { answers }) => sum + answers.length, 0);
  const left = questions.reduce((sum, each) => sum + unread(each).length, 0);
  element("progress").textContent = all === 0
    ? "There are no answers to read: grade the unit first."
    : `Answer ${answer + 1} of ${asked().answers.length}, question ${
      question + 1
    } of ${questions.length} · ` +
      (left === 0 ? "all answers are read" : `${left} of ${all} to read`);
  if (!asked()) return;
  element("place").textContent = asked().title;
  // HTML of the course's converter, which lets no HTML of a writer's through; scripts are forbidden besides.
  element("question").innerHTML = asked().question;
  element("sample").innerHTML = asked().sample;
  element("answer").innerHTML = shown()?.html ?? "<p>Nobody has answered this.</p>";
  element("key").replaceChildren(
    ...asked().key.map(({ points, html }) => {
      const item = document.createElement("li");
      item.innerHTML = html;
      item.prepend(`${points}: `);
      return item;
    }),
  );
  if (asked().key.length === 0) element("key").append(`${asked().points} in all`);
  points = shown()?.points ?? null;
  comment.value = shown()?.comment ?? "";
  for (const section of document.querySelectorAll("section")) section.scrollTop = 0;
  showChoice();
}

/** Shows which points and comments are chosen. */
function showChoice(): void {
  const most = asked()?.points ?? 0;
  const steps = Array.from({ length: 2 * most + 1 }, (_, index) => index / 2);
  element("points").replaceChildren(
    ...steps.map((value) => choice(String(value), value === points, () => choose(value))),
  );
  const lines = linesOf(comment.value);
  element("comments").replaceChildren(
    ...(asked()?.comments ?? []).slice(0, letters.length).map(
      (text, index) => choice(text, lines.includes(text), () => toggle(text), letters[index]),
    ),
  );
}

function choice(text: string, isChosen: boolean, act: () => void, key?: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-pressed", String(isChosen));
  if (key) {
    const sign = document.createElement("kbd");
    sign.textContent = key;
    button.append(sign, " ");
  }
  button.append(text);
  button.addEventListener("click", act);
  return button;
}

const linesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function choose(value: number): void {
  const most = asked()?.points ?? 0;
  if (value > most) {
    return tell(`This question has ${most} point${most === 1 ? "" : "s"} at most.`, true);
  }
  points = value;
  tell("");
  showChoice();
}

/** Adds a comment that was given before, or takes it away. */
function toggle(text: string): void {
  const lines = linesOf(comment.value);
  comment.value = (lines.includes(text) ? lines.filter((line) => line !== text) : [...lines, text])
    .join("\n");
  showChoice();
}

function tell(text: string, isProblem = false): void {
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
}

/** Saves what is chosen, and goes to the next answer at once; a problem brings the reader back. */
async function save(): Promise<void> {
  const given = shown();
  if (!given) return;
  if (points === null) return tell("Choose points first: a digit.", true);
  const [atQuestion, atAnswer] = [question, answer];
  const before = { ...given };
  Object.assign(given, { points, comment: comment.value.trim() });
  const known = asked().comments;
  for (const line of linesOf(given.comment)) if (!known.includes(line)) known.push(line);
  const body = JSON.stringify({ question, answer, points: given.points, comment: given.comment });
  goOn();
  saving++;
  tell("Saving …");
  try {
    const response = await fetch("give", { method: "POST", body });
    const { problem } = await response.json() as { problem?: string };
    if (problem !== undefined) throw new Error(problem);
    if (saving === 1) tell("Saved.");
  } catch (error) {
    Object.assign(given, before);
    [question, answer] = [atQuestion, atAnswer];
    show();
    tell(`Not saved: ${(error as Error).message}`, true);
  } finally {
    saving--;
  }
}

/** Goes to the next answer that nobody has read: of this question first, then of the others. */
function goOn(): void {
  const here = asked().answers.findIndex(({ points }, index) => index > answer && points === null);
  const first = asked().answers.findIndex(({ points }) => points === null);
  if (here >= 0 || first >= 0) answer = here >= 0 ? here : first;
  else {
    const next = questions.findIndex((each) => unread(each).length > 0);
    if (next < 0) answer = Math.min(answer + 1, asked().answers.length - 1);
    else {
      question = next;
      answer = asked().answers.findIndex(({ points }) => points === null);
    }
  }
  show();
}

function move(answers: number, ofQuestions: number): void {
  if (ofQuestions !== 0) {
    question = Math.max(0, Math.min(questions.length - 1, question + ofQuestions));
    answer = 0;
  }
  answer = Math.max(0, Math.min((asked()?.answers.length ?? 1) - 1, answer + answers));
  tell("");
  show();
}

const moves: Record<string, [answers: number, questions: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

document.addEventListener("keydown", (event) => {
  const isWriting = document.activeElement === comment;
  if (event.key === "Escape") return comment.blur();
  if (event.key === "Enter" && (!isWriting || event.ctrlKey || event.metaKey)) {
    // A button that has the focus by the Tab key is pressed by Enter, as everywhere.
    if (document.activeElement instanceof HTMLButtonElement) return;
    event.preventDefault();
    comment.blur();
    return void save();
  }
  if (isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const given = asked()?.comments[letters.indexOf(key)];
  if (event.key in moves) move(...moves[event.key]);
  else if (/^\d$/.test(key)) choose(Number(key));
  else if (key === "." || key === ",") {
    choose(points === null ? 0.5 : points % 1 ? points - 0.5 : points + 0.5);
  } else if (key === "backspace") [points] = [null], showChoice();
  else if (key === "n") comment.focus();
  else if (letters.includes(key) && given !== undefined) toggle(given);
  else return;
  event.preventDefault();
});
document.querySelector("form")!.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
comment.addEventListener("input", showChoice);
addEventListener("beforeunload", (event) => {
  if (saving > 0) event.preventDefault();
});

question = Math.max(0, questions.findIndex((each) => unread(each).length > 0));
answer = Math.max(0, asked()?.answers.findIndex(({ points }) => points === null) ?? 0);
show();
