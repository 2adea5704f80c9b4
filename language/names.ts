/** What may be the name of something of one's own. */

const reserved = new Set(
  ("await break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof var void while with yield").split(" "),
);

export const isName = (text: string): boolean =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text) && !reserved.has(text);
