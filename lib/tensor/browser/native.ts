/** A browser has no native TensorFlow; what `tensor/native.ts` gives elsewhere is absent here. */
export const nativeBackend = (): null => null;
export const graphicsCard = (): undefined => undefined;
export const whyNoCard = (): string => "";

export function startNative(): Promise<never> {
  return Promise.reject(new Error("a browser has no native TensorFlow"));
}

/** Descriptions of ops, which native kernels alone read. */
export const attribute: Record<string, () => object> = new Proxy({}, { get: () => () => ({}) });
