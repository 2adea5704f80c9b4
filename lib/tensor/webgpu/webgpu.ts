/** All that computes on a graphics card by WebGPU: a part of its own, fetched where there is such a card. */
export { makeStep } from "./step.ts";
