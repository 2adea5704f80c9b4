import type * as tf from "../tensor/tf.ts";
import { Module } from "./module.ts";

/** Modules one after the other; their paths are `layers.0`, `layers.1`, … */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  constructor(...layers: Module[]) {
    super();
    layers.forEach((layer, index) => {
      if (!(layer instanceof Module)) {
        const advice = Array.isArray(layer) ? ": give the layers one by one, not in an array" : "";
        throw new TypeError(`Sequential: layer ${index} is no Module${advice}`);
      }
    });
    this.layers = layers;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.layers.reduce((current, layer) => layer.forward(current), x);
  }
}
