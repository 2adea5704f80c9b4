/**
 * `./tessera answers UNIT`: a page for reading the answers in words, question by question and without names, the
 * sample answer and the points' key beside. Points and comments go to nbgrader's gradebook.
 */
import { CommandError, runCommand } from "../tools/command.ts";
import { Book } from "./book.ts";
import { commandLine, theUnit } from "./handing_in/command_line.ts";
import { pointsKey } from "./reading/points_key.ts";
import { Reading } from "./reading/reading.ts";
import { serve } from "./reading/server.ts";

async function main(args: string[]): Promise<number> {
  const { options, words } = commandLine("answers", args, { port: "NUMBER" });
  const unit = theUnit("answers", words);
  const port = Number(options.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new CommandError(`"${options.port}" is no port.`, 2);
  }
  await using book = new Book();
  const reading = await Reading.of(unit, book, pointsKey);
  const answers = reading.shown.flatMap((question) => question.answers);
  if (answers.length === 0) {
    throw new CommandError(`there are no answers to ${unit}'s questions to read: grade it first.`);
  }
  const waiting = answers.filter(({ points }) => points === null).length;
  const { address, finished, shutdown } = await serve(reading, `Answers of ${unit}`, port);
  console.error(
    `${waiting} of ${answers.length} answers are to be read, on this machine, at\n  ${address}\nCtrl-C ends it.`,
  );
  Deno.addSignalListener("SIGINT", () => void shutdown());
  Deno.addSignalListener("SIGTERM", () => void shutdown());
  await finished;
  return 0;
}

if (import.meta.main) await runCommand(main);
