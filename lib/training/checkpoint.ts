import * as tf from "../tensor/tf.ts";
import type { Module } from "../nn/module.ts";
import { FileError, writeTextAtomically } from "../platform/files.ts";
import { readInPlace } from "../tensor/values_in_place.ts";
import {
  readSafetensors,
  type SavedTensor,
  type UnreadTensor,
  writeSafetensors,
} from "./safetensors.ts";

/** What is written beside the weights: free text, numbers, lists (JSON). */
export interface CheckpointInfo {
  /** The model's class and its number of parameters. */
  model?: { name: string; parameters: number };
  epoch?: number;
  [name: string]: unknown;
}

/** What kind of checkpoint a file is, as its metadata says. */
type Kind = "weights" | "training";
/** In a training checkpoint the model's variables stand under this prefix. */
const modelPrefix = "model.";

/** A model's class and number of trainable values. */
export function describeModel(model: Module): { name: string; parameters: number } {
  const sizes = [...model.namedParameters().values()].map((parameter) => parameter.size);
  return { name: model.constructor.name, parameters: sizes.reduce((sum, size) => sum + size, 0) };
}

/**
 * Writes a model's variables, by path, to a safetensors file, with `info` in its metadata.
 *
 * Throws a FileError when the file cannot be written; an old file is kept then.
 */
export async function saveWeights(
  model: Module,
  path: string,
  info: CheckpointInfo = {},
): Promise<void> {
  await save(path, "weights", model.namedVariables(), { ...info, model: describeModel(model) });
}

/**
 * Gives a model the weights of a file made by {@link saveWeights} or {@link saveTraining}.
 *
 * Throws a FileError that names the first parameter that is missing, unexpected or of another shape;
 * the model is unchanged then.
 */
export async function loadWeights(model: Module, path: string): Promise<CheckpointInfo> {
  const { tensors, kind, info } = await load(path);
  const weights = kind === "training" ? withoutPrefix(tensors) : tensors;
  assign(path, weights, model.namedVariables());
  return info;
}

/** Writes everything that a training needs to go on exactly where it is; see {@link saveWeights}. */
export async function saveTraining(
  path: string,
  variables: ReadonlyMap<string, tf.Variable>,
  info: CheckpointInfo,
): Promise<void> {
  await save(path, "training", variables, info);
}

/**
 * Sets the variables of a training from {@link saveTraining}'s file; throws as loadWeights does, or
 * what `check` throws at the file's description.
 */
export async function loadTraining(
  path: string,
  variables: ReadonlyMap<string, tf.Variable>,
  check: (info: CheckpointInfo) => void = () => {},
): Promise<CheckpointInfo> {
  const { tensors, kind, info } = await load(path);
  if (kind !== "training") {
    throw new FileError(`${path} holds weights only; a training cannot be resumed from it`);
  }
  check(info);
  assign(path, tensors, variables);
  return info;
}

/** What a checkpoint says of itself, without its weights. */
export async function readCheckpointInfo(path: string): Promise<CheckpointInfo> {
  return (await load(path)).info;
}

/** Writes `info` as readable JSON, atomically. */
export async function writeInfo(path: string, info: unknown): Promise<void> {
  await writeTextAtomically(path, JSON.stringify(info, null, 2) + "\n");
}

/** All variables that a training of `model` changes beside an optimizer's, by path. */
export function modelState(model: Module): Map<string, tf.Variable> {
  const state = new Map<string, tf.Variable>();
  for (const [path, variable] of model.namedVariables()) state.set(modelPrefix + path, variable);
  for (const [path, random] of model.namedRandoms()) state.set(`random.${path}`, random.state);
  return state;
}

async function save(
  path: string,
  kind: Kind,
  variables: ReadonlyMap<string, tf.Variable>,
  info: CheckpointInfo,
): Promise<void> {
  const tensors = new Map([...variables].map(([name, variable]) => [name, unread(variable)]));
  const metadata = { format: "tessera", kind, info: JSON.stringify(info) };
  await writeSafetensors(path, { tensors, metadata });
}

function unread(variable: tf.Variable): UnreadTensor {
  const dtype = variable.dtype === "float32" ? "F32" : variable.dtype === "int32" ? "I32" : "U8";
  return { shape: variable.shape, dtype, read: () => readInPlace(variable) };
}

async function load(path: string) {
  const { tensors, metadata } = await readSafetensors(path);
  const kind = metadata.kind === "training" ? "training" : "weights";
  const info = metadata.format === "tessera" ? infoIn(path, metadata.info) : {};
  return { tensors, kind, info };
}

function infoIn(path: string, text: string): CheckpointInfo {
  try {
    const info = JSON.parse(text);
    if (typeof info !== "object" || info === null) throw new Error("it is no object");
    return info;
  } catch (cause) {
    throw damagedDescription(path, cause);
  }
}

/** What is thrown where what a checkpoint says of itself cannot be so. */
export function damagedDescription(path: string, cause?: unknown): FileError {
  return new FileError(`${path} is damaged in its description: restore it or train again`, {
    cause,
  });
}

function withoutPrefix(tensors: ReadonlyMap<string, SavedTensor>): Map<string, SavedTensor> {
  const entries = [...tensors].filter(([name]) => name.startsWith(modelPrefix));
  return new Map(entries.map(([name, tensor]) => [name.slice(modelPrefix.length), tensor]));
}

/** Sets all variables, or none when the names or shapes do not fit. */
function assign(
  path: string,
  tensors: ReadonlyMap<string, SavedTensor>,
  variables: ReadonlyMap<string, tf.Variable>,
): void {
  const refuse = (reason: string) => {
    throw new FileError(`${path} is of another model: ${reason}`);
  };
  for (const [name, { shape }] of variables) {
    const saved = tensors.get(name);
    if (!saved) {
      const unexpected = [...tensors.keys()].find((other) => !variables.has(other));
      refuse(`it has no ${name}` + (unexpected ? `, but ${unexpected}` : ""));
    } else if (saved.shape.join() !== shape.join()) {
      refuse(`its ${name} is [${saved.shape}], the model's is [${shape}]`);
    }
  }
  for (const name of tensors.keys()) {
    if (!variables.has(name)) refuse(`it has ${name}, which the model lacks`);
  }
  for (const [name, variable] of variables) {
    const { shape, values } = tensors.get(name)!;
    tf.tidy(() => variable.assign(tf.tensor(values, [...shape], variable.dtype)));
  }
  warnOfNaN(path, tensors);
}

/** Says that weights are no numbers, which whoever wrote the file may not have noticed. */
function warnOfNaN(path: string, tensors: ReadonlyMap<string, SavedTensor>): void {
  const spoilt = [...tensors].filter(([, { values }]) =>
    values instanceof Float32Array && !values.every(Number.isFinite)
  ).map(([name]) => name);
  if (spoilt.length === 0) return;
  const more = spoilt.length > 1 ? ` and ${spoilt.length - 1} more` : "";
  console.warn(
    `${path} holds NaN or infinity in ${spoilt[0]}${more}: nothing good comes of these weights.`,
  );
}
