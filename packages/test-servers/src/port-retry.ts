import { freePort } from "./free-port.js";

/** Another process may take a port between the look and the start; that happens to one server a few times at most. */
const ATTEMPTS = 10;
/** What servers write when their port belongs to somebody else. */
export const TAKEN = /address already in use|eaddrinuse|port is already allocated|dist_port_already_used/i;

/** Starts a server on a port as {@link freePort} finds it, and on another one if somebody else was faster. */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>, distance = 0): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort(distance));
    } catch (error) {
      const taken = error instanceof Error && TAKEN.test(error.message);
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}
