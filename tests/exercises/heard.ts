/** Who wants to hear what checks say in tests, such as a trial that compares it with another platform's. */
export const heard: { by?: (said: string) => void } = {};
