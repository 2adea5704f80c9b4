/** Modules that are being loaded. One that Stop broke off would stay broken, so what they begin runs through. */
export const loads = new Set<object>();
