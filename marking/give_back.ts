/**
 * `./tessera give-back UNIT`: nbgrader's pages of feedback and the points, as an archive for each learner in
 * `grading/given-back/`, or in nbgrader's exchange. Who has answers that nobody has read, or that have
 * changed since, waits.
 */
import { stringify } from "@std/csv";
import { dirname, join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { type Part, writeArchive } from "../tools/archive.ts";
import { captured, CommandError, root, runCommand, shown } from "../tools/command.ts";
import { MadeFiles } from "../tools/made_files.ts";
import { sourceFolder } from "../tools/notebooks.ts";
import { linesOf } from "../tools/lines.ts";
import { startPython } from "../tools/python_process.ts";
import { Book, gradebookFile, type Question } from "./book.ts";
import { readClassList } from "./class_list.ts";
import { commandLine, theUnit } from "./handing_in/command_line.ts";
import { type ClassResults, classResults, type Row } from "./report/class_results.ts";
import { gradingFolder } from "./result.ts";

export interface GivenBack {
  archives: string[];
  /** Who gets nothing yet, and why. */
  waiting: { learner: string; reason: string }[];
}

export interface GiveBackOptions {
  /** Gives back what is known although answers wait to be read. */
  open?: boolean;
  /** Puts the pages into nbgrader's exchange too. */
  exchange?: boolean;
  /** How long one page may take: what a learner wrote may be made to take days. */
  pageSeconds?: number;
  /** Called for each page that is made. */
  progress?: (done: number, of: number) => void;
}

/** Makes everybody's archive. Throws a `CommandError` where nothing was handed in. */
export async function giveBack(
  unit: string,
  { open = false, exchange = false, pageSeconds = 120, progress = () => {} }: GiveBackOptions = {},
): Promise<GivenBack> {
  await using book = new Book();
  const [scores, questions] = [await book.scores(unit), await book.answers(unit)];
  const results = await classResults(unit, { list: readClassList(), scores });
  const handedIn = results.rows.filter(({ state }) => state !== "not handed in");
  if (handedIn.length === 0) throw new CommandError(`nothing of ${unit} was handed in.`);
  const waiting: GivenBack["waiting"] = [];
  const due = handedIn.filter((row) => {
    const reason = row.state === "not graded yet" ? "not graded yet" : open ? "" : whyOpen(row);
    if (reason) waiting.push({ learner: row.learner.id, reason });
    return !reason;
  });
  const graded = due.filter(({ state }) => state === "graded").map(({ learner }) => learner.id);
  const problems = await makePages(unit, graded, { exchange, pageSeconds, progress });
  const archives: string[] = [];
  const made = new MadeFiles(gradingFolder, join(gradingFolder, ".made"));
  for (const row of due) {
    const { id } = row.learner;
    const problem = problems.get(id);
    if (problem) waiting.push({ learner: id, reason: problem });
    const archive = join(gradingFolder, "given-back", unit, `${id}.zip`);
    await made.makeRoom(archive);
    await writeArchive(archive, partsFor(row, results, questions));
    await made.note(archive);
    archives.push(archive);
  }
  return { archives, waiting };
}

/** What persons still have to look at; empty where that is nothing. */
function whyOpen({ open, changed }: Row): string {
  const tasks = (count: number) => `${count} task${count === 1 ? "" : "s"}`;
  return [
    open > 0 ? `${tasks(open)} whose points are not known yet` : "",
    changed > 0 ? `${tasks(changed)} changed since a person gave points` : "",
  ].filter(Boolean).join(", ");
}

/** nbgrader's pages; gives what went wrong, by learner. */
async function makePages(
  unit: string,
  learners: readonly string[],
  { exchange, pageSeconds, progress }: Required<Omit<GiveBackOptions, "open">>,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  const waiting = [...learners];
  const take = (problem: string | null) => {
    const learner = waiting.shift()!;
    if (problem) problems.set(learner, `there is no page: ${problem}`);
    progress(learners.length - waiting.length, learners.length);
  };
  while (waiting.length > 0) {
    const why = await makeSomePages(unit, [...waiting], pageSeconds, take);
    // It ended in the midst of one: that one is told of, and the others go on with another program.
    if (waiting.length > 0) take(why);
  }
  for (const learner of problems.keys()) { // half a page, or one from before, is none
    await Deno.remove(join(gradingFolder, "feedback", learner, unit), { recursive: true })
      .catch(() => {});
  }
  const made = learners.filter((learner) => !problems.has(learner));
  if (exchange && made.length > 0) await releaseInExchange(unit, made);
  return problems;
}

/** Makes pages one after the other as long as that goes well, each told to `take`; gives why it ended. */
async function makeSomePages(
  unit: string,
  learners: readonly string[],
  pageSeconds: number,
  take: (problem: string | null) => void,
): Promise<string> {
  const child = startPython([
    join(root, "marking", "nbgrader_feedback.py"),
    ...[join(root, "nbgrader_config.py"), sourceFolder, gradingFolder, gradebookFile, unit],
  ]);
  const complaints = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${learners.join("\n")}\n`));
  await writer.close();
  let isReady = false, isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const line of linesOf(child.stdout)) {
    clearTimeout(timer);
    if (isReady) take((JSON.parse(line) as { problem: string | null }).problem);
    isReady = true;
    timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, 1000 * pageSeconds);
  }
  clearTimeout(timer);
  await child.status;
  const said = (await complaints).trim();
  if (!isReady) throw new CommandError(`nbgrader's feedback: ${said}`);
  return isLate ? `it took longer than ${pageSeconds} seconds` : said.split("\n").at(-1)!;
}

/**
 * What `nbgrader release_feedback` does: each learner fetches the own pages from JupyterLab. It knows whose they
 * are by a secret that came with the hand-in; those that came otherwise have none, and get their archives alone.
 */
async function releaseInExchange(unit: string, learners: readonly string[]): Promise<void> {
  const feedback = join(gradingFolder, "feedback");
  const others = [...Deno.readDirSync(feedback)].map(({ name }) => name).filter((name) =>
    !learners.includes(name) || !exists(join(feedback, name, unit, "submission_secret.txt"))
  );
  const { code, stderr } = await captured("nbgrader", [
    ...["release_feedback", unit],
    `--CourseDirectory.root=${dirname(gradingFolder)}`,
    `--CourseDirectory.feedback_directory=${feedback}`,
    ...others.length > 0 ? [`--CourseDirectory.student_id_exclude=${others.join(",")}`] : [],
  ]);
  if (code !== 0) {
    throw new CommandError(`nbgrader's exchange: ${stderr.trim().split("\n").at(-1)}`);
  }
}

/** What lies in a learner's archive: the pages, the points as text and as CSV. */
function partsFor(row: Row, results: ClassResults, questions: readonly Question[]): Part[] {
  const { unit, columns } = results;
  const folder = join(gradingFolder, "feedback", row.learner.id, unit);
  const pages = exists(folder) && row.state === "graded"
    ? [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".html"))
      .sort()
    : [];
  const commentOn = (notebook: string, task: string) =>
    questions.find((each) => each.notebook === notebook && each.task === task)
      ?.answers.find(({ learner }) => learner === row.learner.id)?.comment ?? "";
  const lines = columns.map(({ notebook, task, maximum }, index) => {
    const entry = row.entries[index];
    return {
      ...{ notebook, task, points: entry?.points ?? "", maximum },
      told: [entry?.message ?? "", commentOn(notebook, task)].filter(Boolean).join("\n"),
    };
  });
  return [
    { name: "points.txt", content: pointsText(row, results, lines) },
    { name: "points.csv", content: stringify(lines, { columns: Object.keys(lines[0] ?? {}) }) },
    ...pages.map((name) => ({ name, content: { file: join(folder, name) } })),
  ];
}

function pointsText(
  row: Row,
  { unit, maximum }: ClassResults,
  lines: readonly {
    notebook: string;
    task: string;
    points: number | string;
    maximum: number;
    told: string;
  }[],
): string {
  const head = `${unit.replace(/^unit(?=\d)/, "Unit ")}, ${row.learner.id}`;
  if (row.state !== "graded") {
    return `${head}\n\nNot graded: ${row.reason}\nThis is no zero: ask your teachers.\n`;
  }
  const notebooks = (row.result?.notebooks ?? []).flatMap(({ notebook, status }) =>
    status.kind === "not graded" ? [`${notebook} was not graded: ${status.reason}`] : []
  );
  const open = row.open > 0 ? `, and ${row.open} that are not known yet` : "";
  const late = row.penalty > 0 ? ` (${row.penalty} taken off for lateness)` : "";
  const quick = row.result?.mode === "quick"
    ? "Graded in a quick run, with short trainings.\n"
    : "";
  return [
    head,
    "",
    `${row.points} of ${maximum} points${late}${open}`,
    quick,
    ...notebooks,
    ...lines.map(({ notebook, task, points, maximum, told }) =>
      `${notebook}, ${task}: ${points === "" ? "–" : points} of ${maximum}${
        told ? `\n    ${told.split("\n").join("\n    ")}` : ""
      }`
    ),
    "",
  ].join("\n");
}

async function main(args: string[]): Promise<number> {
  const { options, words } = commandLine("give-back", args, {
    open: undefined,
    exchange: undefined,
  });
  const unit = theUnit("give-back", words);
  const isTerminal = Deno.stderr.isTerminal();
  const { archives, waiting } = await giveBack(unit, {
    ...{ open: options.open !== undefined, exchange: options.exchange !== undefined },
    progress: (done, of) => {
      if (isTerminal) {
        Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K  page ${done} of ${of}`));
      }
    },
  });
  if (isTerminal) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
  for (const { learner, reason } of waiting) console.error(`– ${learner}: ${reason}`);
  if (archives.length > 0) {
    console.error(
      `${archives.length} archive${archives.length === 1 ? "" : "s"} in ${
        shown(join(gradingFolder, "given-back", unit))
      }`,
    );
  }
  if (waiting.length > 0) {
    console.error(
      `${waiting.length} wait${
        waiting.length === 1 ? "s" : ""
      }: ./tessera answers ${unit} is for answers to ` +
        "read; --open gives back what is known.",
    );
  }
  return waiting.length === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
