/** What tfjs-node adds to tfjs is not there in a browser. */
export const node: undefined = undefined;
