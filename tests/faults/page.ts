/** The table in docs/reliability.md. */
import type { Cost } from "./costs.ts";
import { withMarkedSection } from "../../tools/marked_section.ts";
import { commands } from "../../tools/places.ts";
import { onlyStarted, type Results } from "./harness.ts";
import { type KindName, kinds } from "./kinds.ts";
import type { HarmedMachines } from "./machines.ts";
import { type EndedTrainings, ends } from "./trainings.ts";

const section = { page: "docs/reliability.md", name: "table", command: "./tessera faults" };

export interface Tried {
  results: Results;
  trainings?: EndedTrainings;
  costs?: Cost[];
  machines?: HarmedMachines;
}

/** The page with a new table. */
export function pageWith(page: string, { results, trainings, costs, machines }: Tried): string {
  const names = Object.keys(kinds) as KindName[];
  const cell = (row: Results[string], kind: KindName) => {
    const tally = row[kind];
    return tally ? `${tally.tried - tally.faults.length} of ${tally.tried}` : "–";
  };
  const table = [
    `| Command | ${names.map((kind) => kinds[kind].title).join(" | ")} |`,
    `| --- |${names.map(() => " ---: |").join("")}`,
    ...Object.entries(results).filter(([command]) => !(command in onlyStarted)).map((
      [command, row],
    ) => `| \`${command}\` | ${names.map((kind) => cell(row, kind)).join(" | ")} |`),
  ].join("\n");
  const missing = Object.keys(commands).filter((name) =>
    !(name in results) && !(name in onlyStarted)
  );
  const note = missing.length > 0
    ? `Not tried on this machine yet: ${missing.join(", ")}.\n\n`
    : "";
  const started = Object.entries(onlyStarted).map(([command, why]) => `- \`${command}\`: ${why}`);
  const others = `Of these only the start is tried here:\n\n${started.join("\n")}\n\n`;
  const parts = [
    ...[table + "\n\n", note, others],
    ...[
      trainings && wordsOn(trainings),
      costs && tableOf(costs),
      machines && tableOfMachines(machines),
    ],
  ];
  return withMarkedSection(page, section, parts.join(""));
}

function wordsOn({ counts, faults }: EndedTrainings): string {
  const sum = ends.reduce((total, signal) => total + counts[signal], 0);
  const each = ends.map((signal) => `${counts[signal]} ${signal}`).join(", ");
  const outcome = faults.length === 0
    ? "each went on from the last state that was said to be saved, and came to the same weights, bit for bit"
    : `${faults.length} did not go on as they should`;
  return `Trainings were ended ${sum} times at random moments (${each}): ${outcome}.\n\n`;
}

/** A number with the digits that a measurement has. */
const number = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 2 });

function tableOf(costs: readonly Cost[]): string {
  const rows = costs.map(({ recipe, megabytes, writeSeconds, epochSeconds, load, cores }) =>
    `| \`${recipe}\` | ${number(megabytes)} MB | ${number(writeSeconds)} s | ${
      number(epochSeconds)
    } s | ${number(100 * writeSeconds / epochSeconds)} % | ${number(load)} on ${cores} |`
  );
  return [
    "What writing takes after an epoch that is the best so far, when all is written (last state, best",
    "weights, log, each waited for until the disk has it), of the time in which an epoch trains:\n",
    "| Training | Written | Writing | Epoch | Share | Load on cores |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n") + "\n\n";
}

export function tableOfMachines({ seconds, kills, faults }: HarmedMachines): string {
  const outcome = faults.length === 0
    ? "All said so in a line, none hung, the last checkpoint was whole, and the training went on, with another number " +
      "of machines too, from where it was saved."
    : `Of these ${faults.length} did not go as they should.`;
  return [
    "A training on several simulated machines (network namespaces), until all programs that could had ended:\n",
    "| What happened | Seconds |",
    "| --- | ---: |",
    ...Object.entries(seconds).map(([name, each]) => `| ${name} | ${number(each)} |`),
    `\nBeside these, processes were killed ${kills} times at random moments. ${outcome}`,
  ].join("\n") + "\n\n";
}
