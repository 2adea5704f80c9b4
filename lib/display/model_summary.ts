import { grouped } from "./numbers.ts";
import { Table } from "./tables.ts";

/** One module of a model, or a parameter that lies beside modules. */
export interface ModelSummaryRow {
  /** `blocks.0.attention`; empty for the model itself. */
  path: string;
  /** The class's name, or `parameter`. */
  type: string;
  /** How many modules it lies inside. */
  depth: number;
  /** Values in the trainable variables of the module and all inside it. */
  parameters: number;
  /** Null where the module was not called, and for a parameter. */
  inputShape: readonly number[] | null;
  /** A parameter's own shape. */
  outputShape: readonly number[] | null;
}

/** What a summary of a model tells; `summary` makes it. */
export interface ModelSummaryParts {
  /** The model, then its modules, parents first. */
  rows: readonly ModelSummaryRow[];
  parameters: number;
  /** Values that are saved but not trained: running statistics, fixed positions. Default: 0. */
  buffers?: number;
  /** Bytes of parameters and buffers. */
  bytes: number;
}

/** What a {@link summaryTable} shows. */
export interface SummaryTableOptions {
  /** How many levels of modules inside modules are shown; default: all. */
  depth?: number;
  caption?: string;
}

/** A model's modules in a table: name, type, parameters, shapes in and out; and their totals. */
export function summaryTable(summary: ModelSummaryParts, options: SummaryTableOptions = {}): Table {
  const { depth = Infinity, caption } = options;
  const { parameters, buffers = 0, bytes } = summary;
  const rows = summary.rows.filter((row) => row.depth <= depth);
  const hasShapes = rows.some((row) => row.inputShape);
  const megabytes = (bytes / 1e6).toFixed(bytes < 1e5 ? 3 : 2);
  const totals = [
    `${grouped(parameters)} trainable parameters`,
    ...(buffers ? [`${grouped(buffers)} values that are not trained`] : []),
    `${megabytes} MB`,
  ].join(", ");
  return new Table(
    rows.map(({ path, type, parameters, inputShape, outputShape }) => ({
      name: path || "(model)",
      type,
      parameters,
      ...(hasShapes && { input: shapeText(inputShape), output: shapeText(outputShape) }),
    })),
    { caption: caption ? `${caption} ${totals}.` : `${totals}.` },
  );
}

function shapeText(shape: readonly number[] | null): string {
  return shape ? `[${shape.join(", ")}]` : "–";
}
