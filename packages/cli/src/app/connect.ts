import { type Chicory, ConnectionError } from "@chicory/core";

/** Longest time until the broker is connected; drivers have limits of their own, which are mostly shorter. */
const CONNECT_DEADLINE_MS = 15_000;

/** Connects an app, or fails within seconds: somebody waits at a terminal, or a container for its next start. */
export async function connect(app: Chicory): Promise<void> {
  const signal = AbortSignal.timeout(CONNECT_DEADLINE_MS);
  try {
    await app.connect(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const seconds = CONNECT_DEADLINE_MS / 1_000;
    throw new ConnectionError(
      `The broker did not answer within ${seconds} seconds: check that it is up and reachable`,
      {
        cause: error,
      },
    );
  }
}
