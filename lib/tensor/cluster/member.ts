/** One process of a group: TensorFlow with the functions, constants and variables that it was given. */
import { type OpAttribute, optimized } from "../attributes.ts";
import type { Binding, Pointer } from "../binding.ts";
import { AttributeType } from "../c_api.ts";
import { settingsOf } from "../device_settings.ts";
import { adoptKernels } from "../fusion/fusion.ts";
import { canSwitchPrecision } from "../precision_switch.ts";
import { sha256 } from "../../platform/digests.ts";
import type { Described, Request } from "./messages.ts";
import { type Membership, serverDefinition } from "./server.ts";
import { bytesOf, describedOf, tensorOf } from "./tensor_bytes.ts";

type Payloads = readonly Uint8Array<ArrayBuffer>[];

/** What an answer holds. */
export interface Outcome {
  tensors?: readonly Described[];
  checksums?: readonly string[];
  payloads?: Payloads;
}

/** A TensorFlow variable. */
interface Variable {
  cell: Pointer;
  dtype: OpAttribute;
}

export class Member {
  readonly #binding: Binding;
  readonly #threads: number;
  readonly #functions = new Set<string>();
  readonly #constants = new Map<number, Pointer>();
  readonly #variables = new Map<number, Variable>();

  /** Starts the server by which the others of its group reach it. Throws a TensorFlowError where it cannot. */
  constructor(binding: Binding, membership: Membership) {
    this.#binding = binding;
    this.#threads = membership.threads;
    const { api, context, status } = binding;
    const definition = serverDefinition(membership);
    api.TFE_EnableCollectiveOps(context, definition, BigInt(definition.length), status);
    const own = membership.addresses[membership.task];
    binding.check(`joining the group as process ${membership.task}, at ${own}`);
  }

  /** Does what a request asks for. Throws what TensorFlow has against it. */
  async answer(request: Request, payloads: Payloads): Promise<Outcome> {
    switch (request.kind) {
      case "constants":
        request.keys.forEach((key, index) => {
          const value = tensorOf(this.#binding, request.tensors[index], payloads[index]);
          this.#constants.set(key, value);
        });
        return {};
      case "variables":
        request.keys.forEach((key, index) =>
          this.#setVariable(key, request.tensors[index], payloads[index])
        );
        return {};
      case "kernels": {
        const { opName, numbers, images } = request;
        const [driver, ...kernels] = images.map((image, at) => ({ ...image, bytes: payloads[at] }));
        const numbered = kernels.map((image, at) => ({ number: numbers[at], image }));
        adoptKernels({ opName, driver, kernels: numbered }, this.#threads);
        return {};
      }
      case "function":
        this.#addFunction(request.name, payloads[0]);
        return {};
      case "run":
        return await this.#run(request, payloads);
      case "read":
        return this.#described(request.keys.map((key) => this.#valueOf(key)));
      case "checksums": {
        const { payloads } = this.#described(request.keys.map((key) => this.#valueOf(key)));
        return { checksums: await Promise.all(payloads.map(sha256)) };
      }
      case "forget":
        this.#forget();
        return {};
      default:
        throw new TypeError(`a worker does not know how to "${request.kind}"`);
    }
  }

  #setVariable(key: number, described: Described, bytes: Uint8Array<ArrayBuffer>): void {
    const value = tensorOf(this.#binding, described, bytes);
    const known = this.#variables.get(key);
    if (known) this.#binding.run("AssignVariableOp", [known.dtype], [known.cell, value], 0);
    else {
      const dtype = { name: "dtype", type: AttributeType.type, value: described.dtype };
      this.#variables.set(key, { cell: this.#binding.newCell(value), dtype });
    }
    this.#free([value]);
  }

  /** A variable's present value; the caller deletes the handle. */
  #valueOf(key: number): Pointer {
    const { cell, dtype } = this.#variable(key);
    return this.#binding.run("ReadVariableOp", [dtype], [cell], 1)[0];
  }

  #variable(key: number): Variable {
    const variable = this.#variables.get(key);
    if (variable === undefined) throw new ReferenceError(`there is no variable ${key}`);
    return variable;
  }

  #addFunction(name: string, definition: Uint8Array<ArrayBuffer>): void {
    const { api, context, status } = this.#binding;
    api.TFE_ContextAddFunctionDef(context, definition, BigInt(definition.length), status);
    this.#binding.check(name);
    this.#functions.add(name);
  }

  async #run(
    { name, tensors, reads, constants, states, outputs, ...how }: Request & { kind: "run" },
    payloads: Payloads,
  ): Promise<Outcome> {
    const binding = this.#binding;
    const own = [
      ...tensors.map((described, index) => tensorOf(binding, described, payloads[index])),
      ...reads.map((key) => this.#valueOf(key)),
    ];
    const inputs = [
      ...own,
      ...constants.map((key) => this.#constants.get(key)!),
      ...states.map((key) => this.#variable(key).cell),
    ];
    const { api } = binding;
    if (canSwitchPrecision(api)) api.enableTensorFloat32(how.precision === "tf32");
    if (binding.device === "gpu") api.enableDeterminism?.(how.isDeterministic);
    const attributes = settingsOf(binding).graphOptimizer ? [optimized] : [];
    try {
      return this.#described(await binding.runInBackground(name, inputs, outputs, attributes));
    } finally {
      this.#free(own);
    }
  }

  /** Tensors as an answer brings them; frees them. */
  #described(handles: readonly Pointer[]): { tensors: Described[]; payloads: Payloads } {
    try {
      return {
        tensors: handles.map((handle) => describedOf(this.#binding, handle)),
        payloads: handles.map((handle) => bytesOf(this.#binding, handle)),
      };
    } finally {
      this.#free(handles);
    }
  }

  #free(handles: readonly Pointer[]): void {
    handles.forEach((handle) => this.#binding.api.TFE_DeleteTensorHandle(handle));
  }

  #forget(): void {
    const { api, context, status } = this.#binding;
    for (const name of this.#functions) {
      api.TFE_ContextRemoveFunction(context, new TextEncoder().encode(name + "\0"), status);
      this.#binding.check(name);
    }
    this.#free([...this.#constants.values()]);
    this.#free(Array.from(this.#variables.values(), ({ cell }) => cell));
    for (const each of [this.#functions, this.#constants, this.#variables]) each.clear();
  }
}
