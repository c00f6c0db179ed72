import type { Link } from "./link.js";
import type { Session } from "./session.js";

/**
 * How long a receive waits before it asks again, in milliseconds: as a blocking read of a real server, so that a
 * consumer hears regularly that the broker is alive. It also keeps the process of a waiting consumer alive.
 */
const BLOCK_MS = 5_000;

/**
 * One wait for messages. It listens from the moment it is made, so that a message that comes while the queue is
 * being asked is not overlooked.
 */
export class Arrival {
  /** Resolves when it is time to ask again; rejects with a `ConnectionError` when the link breaks. */
  readonly over: Promise<void>;
  readonly #endings: (() => void)[];

  constructor(link: Link, session: Session, signals: readonly AbortSignal[]) {
    const { server } = link;
    let resolve: () => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    this.over = new Promise<void>((onFulfilled, onRejected) => {
      resolve = onFulfilled;
      reject = onRejected;
    });
    // Whoever waits sees the rejection; if nobody waits any more it has no meaning.
    this.over.catch(() => undefined);
    const stop = (): void => resolve();
    this.#endings = [
      server.onReady(session, stop),
      link.onBreak((error) => reject(error)),
      server.clock.schedule(server.clock.now() + BLOCK_MS, stop, true),
      ...signals.map((signal) => {
        signal.addEventListener("abort", stop, { once: true });
        return () => signal.removeEventListener("abort", stop);
      }),
    ];
  }

  /** Listens no more. */
  end(): void {
    for (const end of this.#endings) end();
  }
}
