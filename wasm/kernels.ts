/** All that the program gives to `lib/tensor`. */
export { multiply, scratchBytes } from "./product";
