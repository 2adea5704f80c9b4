/** The nearest whole number, the even one of two that are as near: as Python, PyTorch, TensorFlow. */
export function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
