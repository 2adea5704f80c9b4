/** What keeps a step from being compiled. */
import type { CallSite } from "./call_site.ts";

/** Why a step cannot be compiled: what it did, where, and what to do instead. */
export class Hazard {
  constructor(readonly what: string, readonly instead: string, readonly site?: CallSite) {}

  toString(): string {
    const where = this.site?.toString();
    return `${this.what}${where ? ` (${where})` : ""}; ${this.instead}`;
  }
}
