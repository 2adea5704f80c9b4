/**
 * What a tensor shows of itself: its values as NumPy prints an array's, its shape and its type. Of a large
 * one only the values that are shown are read back: three at each end of each axis.
 */
import * as tf from "tfjs";
import { escapeHtml, type Shown } from "../platform/last_value.ts";
import { complexWriter, numberWriter } from "./number_text.ts";
import { isRecording } from "./recording.ts";

/** More values than these are not all shown. */
const mostValues = 1000;
const endItems = 3;
const lineWidth = 75;

/** A tensor in words and as HTML; says so where the values are gone or not yet computed. */
export function describeTensor(tensor: tf.Tensor): Shown {
  const { dtype, shape } = tensor;
  const name = tensor instanceof tf.Variable ? "variable" : "tensor";
  const facts = `shape=[${shape.join(", ")}], dtype=${dtype}`;
  const brief = `${name}(${facts})`;
  const without = (why: string): Shown => ({
    text: `${name}(${why}, ${facts})`,
    brief: `${name}(${why}, ${facts})`,
  });
  if (tensor.isDisposed) return without("disposed: its values are gone");
  if (isRecording()) return without("part of a step that is being recorded: no values yet");
  const shown = shownValues(tensor);
  const values = arrayText(shape, shown, `${name}(`);
  const lastLine = values.slice(values.lastIndexOf("\n") + 1);
  const start = values.includes("\n") ? 0 : name.length + 1;
  const breaks = start + lastLine.length + facts.length + 3 > lineWidth;
  const indent = " ".repeat(name.length + 1);
  return {
    text: `${name}(${values},${breaks ? `\n${indent}` : " "}${facts})`,
    brief,
    html: () =>
      `<div><b>${name}</b> [${shape.join(", ")}] ${dtype}</div>` +
      `<pre>${escapeHtml(arrayText(shape, shown, ""))}</pre>`,
  };
}

/** The values in brackets, in lines that follow `before`, which stands before the first. */
function arrayText(whole: readonly number[], { shape, texts }: Values, before: string): string {
  if (texts.length === 0) return "[]";
  if (shape.length === 0) return texts[0].trim();
  const sizes = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));

  /** One axis from `start` in `texts`; `width` is what a line may hold. */
  const write = (axis: number, start: number, indent: string, width: number): string => {
    if (axis === shape.length) return texts[start];
    const items = Array.from(
      { length: shape[axis] },
      (_, item) => write(axis + 1, start + item * sizes[axis], `${indent} `, width - 1),
    );
    if (shape[axis] < whole[axis]) items.splice(endItems, 0, "...");
    if (axis < shape.length - 1) {
      const separator = `,${"\n".repeat(shape.length - axis - 1)}${indent}`;
      return `[${items.join(separator)}]`;
    }
    let lines = "", line = indent;
    items.forEach((item, at) => {
      if (line.length > indent.length && line.length + item.length > width - 1) {
        lines += `${line.trimEnd()}\n`;
        line = indent;
      }
      line += at < items.length - 1 ? `${item}, ` : item;
    });
    return `[${(lines + line).slice(indent.length)}]`;
  };
  return write(0, 0, ` ${" ".repeat(before.length)}`, lineWidth - 1);
}

/** The values that are shown, written, and how many of each axis they are. */
interface Values {
  shape: number[];
  texts: string[];
}

function shownValues(tensor: tf.Tensor): Values {
  const { dtype } = tensor;
  if (dtype === "complex64") {
    // In parts, since not every backend can slice and join such tensors.
    const parts = [tf.real(tensor), tf.imag(tensor)];
    const [real, imaginary] = parts.map(readShown);
    tf.dispose(parts);
    const [values, others] = [real, imaginary].map((part) => Array.from(part.values, Number));
    const write = complexWriter(values, others);
    return { shape: real.shape, texts: values.map((value, at) => write(value, others[at])) };
  }
  const { shape, values } = readShown(tensor);
  if (dtype === "string") {
    return { shape, texts: Array.from(values as ArrayLike<string>, quoted) };
  }
  const numbers = Array.from(values as ArrayLike<number>, Number);
  return { shape, texts: numbers.map(numberWriter(numbers, dtype)) };
}

/** A text in quotes as Python writes it: in those that it does not have, and each line break as `\n`. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const signs: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const inside = text.replace(/[\\\p{Cc}]|'/gu, (sign) => {
    if (sign === "\\" || sign === quote) return `\\${sign}`;
    if (sign === "'") return sign;
    return signs[sign] ?? `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `${quote}${inside}${quote}`;
}

/** The values that are shown, all in one list. */
function readShown(tensor: tf.Tensor): { shape: number[]; values: ArrayLike<number | string> } {
  const cut = tensor.size > mostValues ? tf.tidy(() => withoutMiddle(tensor)) : tensor;
  try {
    return { shape: cut.shape, values: cut.dataSync() };
  } finally {
    if (cut !== tensor) cut.dispose();
  }
}

function withoutMiddle(tensor: tf.Tensor): tf.Tensor {
  return tensor.shape.reduce((rest, size, axis) => {
    if (size <= 2 * endItems) return rest;
    const begin = rest.shape.map(() => 0), count = [...rest.shape];
    count[axis] = endItems;
    const head = tf.slice(rest, begin, count);
    begin[axis] = size - endItems;
    return tf.concat([head, tf.slice(rest, begin, count)], axis);
  }, tensor);
}
