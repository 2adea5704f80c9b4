/** What makes a file a notebook of format 4, as far as the commands rely on it. */

const cellTypes = ["code", "markdown", "raw"];
const outputTypes = ["stream", "display_data", "execute_result", "error"];

/** What is wrong with a notebook's JSON, in words that go on from its file's name; undefined where nothing is. */
export function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return "holds no notebook";
  const { nbformat, metadata, cells } = value;
  if (typeof nbformat !== "number") return "holds no notebook: it names no format";
  if (nbformat !== 4) {
    const advice = nbformat < 4
      ? ": open and save it in JupyterLab, which brings it up to that"
      : "";
    return `is a notebook of format ${nbformat}, not 4${advice}`;
  }
  if (!Array.isArray(cells)) return "has no list of cells";
  if (metadata !== undefined && !isObject(metadata)) return "has metadata that are no object";
  for (const [index, cell] of cells.entries()) {
    const problem = problemOfCell(cell);
    if (problem) return `is damaged in cell ${index + 1}: ${problem}`;
  }
}

/** A notebook's language, where it names one that is not this course's. */
export function otherLanguage(metadata: Record<string, unknown> = {}): string | undefined {
  const { kernelspec, language_info: info } = metadata;
  const { name, language } = isObject(kernelspec) ? kernelspec : {};
  if (name === "deno") return undefined;
  const named = [language, isObject(info) ? info.name : undefined, name]
    .find((each): each is string => typeof each === "string" && each !== "");
  return named && !/^(typescript|javascript|deno)$/i.test(named) ? named : undefined;
}

function problemOfCell(cell: unknown): string | undefined {
  if (!isObject(cell)) return "it is no object";
  const { cell_type: type, source, metadata, outputs, execution_count: count, attachments } = cell;
  if (!cellTypes.includes(type as string)) {
    return `it is of the unknown kind ${JSON.stringify(type)}`;
  }
  if (!isText(source)) return "it has no text";
  if (!isWhole(source)) return "its text has half of a character";
  if (metadata !== undefined && !isObject(metadata)) return "its metadata are no object";
  if (attachments !== undefined && !isObject(attachments)) return "its attachments are no object";
  if (type !== "code") return undefined;
  if (count !== undefined && count !== null && !Number.isInteger(count)) {
    return "its execution count is no whole number";
  }
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) return "its outputs are no list";
  return outputs.map(problemOfOutput).find((each) => each !== undefined);
}

function problemOfOutput(output: unknown): string | undefined {
  if (!isObject(output)) return "an output is no object";
  const { output_type: type, text, data, traceback } = output;
  if (!outputTypes.includes(type as string)) {
    return `an output is of the unknown kind ${JSON.stringify(type)}`;
  }
  if (type === "stream" && !isText(text)) return "an output has no text";
  if (type === "error" && !isText(traceback)) return "an error has no traceback";
  if ((type === "display_data" || type === "execute_result") && !isObject(data)) {
    return "an output has no data";
  }
  if (isObject(data)) {
    const odd = Object.keys(data).find((mime) =>
      /^(text|image)\//.test(mime) && !isText(data[mime])
    );
    if (odd) return `an output's ${odd} is no text`;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a text can be written as UTF-8, which halves of surrogate pairs cannot. */
function isWhole(text: string | string[]): boolean {
  return [text].flat().every((line) => line.isWellFormed());
}

/** A text, or a list of its lines. */
function isText(value: unknown): value is string | string[] {
  return typeof value === "string" ||
    Array.isArray(value) && value.every((line) => typeof line === "string");
}
