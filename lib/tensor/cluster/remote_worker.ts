/** A worker on another machine, as the program that leads the training sees it. */
import { ClusterError, silent } from "./cluster_error.ts";
import type { Frame } from "./frames.ts";
import type { Greeting, Request } from "./messages.ts";
import { closed, type Line, type Notice, type Report, within } from "./rendezvous.ts";
import { type Ending, missedPings, type Reply, type Worker, WorkerLink } from "./worker_link.ts";

/** So long the other machine may take to hear that the training has ended. */
const farewellSeconds = 2;

export class RemoteWorker implements Worker {
  readonly pid = undefined;
  readonly #name: string;
  readonly #line: Line;
  readonly #link: WorkerLink;
  readonly #isOver: Promise<ClusterError>;
  #reason: string | undefined;
  #isEnding: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Signs of life that were not answered. */
  #silence = 0;

  /** `rest`: what comes over the line after its greetings; `onStop` is called where a person there asks to stop. */
  constructor(
    name: string,
    { line, rest }: { line: Line; rest: AsyncGenerator<Frame> },
    onStop: () => void,
  ) {
    this.#name = name;
    this.#line = line;
    this.#link = new WorkerLink(name, line.writer);
    this.#isOver = this.#readUntilEnd(rest, onStop);
    this.#isOver.then((error) => this.#link.lose(error));
  }

  get greeting(): Promise<Greeting> {
    return this.#link.greeting;
  }

  get isOver(): Promise<ClusterError> {
    return this.#isOver;
  }

  /** Has the program there start its worker; until that is watched, the programs hear of one another. */
  begin(patienceSeconds: number): void {
    this.#notify({ kind: "begin" });
    this.#timer = setInterval(() => {
      if (++this.#silence > missedPings) {
        this.#link.lose(new ClusterError(silent(this.#name, patienceSeconds)));
      } else this.#notify({ kind: "alive" });
    }, patienceSeconds / missedPings * 1000);
  }

  watch(patienceSeconds: number, take: (error: ClusterError) => void): void {
    clearInterval(this.#timer);
    this.#link.watch(patienceSeconds, take);
  }

  async ask(request: Request, payloads: Frame["payloads"] = []): Promise<Reply> {
    return await this.#link.ask(request, payloads);
  }

  tell(line: string): void {
    this.#notify({ kind: "say", line });
  }

  kill(ending: Ending = { outcome: "failed" }): void {
    clearInterval(this.#timer);
    this.#link.close();
    this.#isEnding ??= within(farewellSeconds, this.#notify({ kind: "end", ...ending }))
      .catch(() => {})
      .then(() => closed(this.#line.connection));
  }

  async close(ending: Ending = { outcome: "finished" }): Promise<void> {
    this.kill(ending);
    await this.#isEnding;
    await this.#isOver;
  }

  async #notify(notice: Notice): Promise<void> {
    // A line that is cut is noticed where it is read.
    await this.#line.writer.write({ header: { ...notice }, payloads: [] }).catch(() => {});
  }

  async #readUntilEnd(rest: AsyncGenerator<Frame>, onStop: () => void): Promise<ClusterError> {
    try {
      await this.#link.read(rest, ({ header }) => {
        const report = header as unknown as Report;
        if (report.kind === "alive") this.#silence = 0;
        if (report.kind === "stop") onStop();
        if (report.kind === "lost") this.#reason = report.message;
      });
    } catch {
      // The connection was cut.
    }
    const reason = this.#reason ?? "is gone: the connection to it ended";
    return new ClusterError(this.#reason ? `${this.#name}: ${reason}` : `${this.#name} ${reason}`);
  }

  toString(): string {
    return this.#name;
  }
}
