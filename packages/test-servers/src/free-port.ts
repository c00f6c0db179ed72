import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { TestServerError } from "./test-server-error.js";

/**
 * Below every system's range of ephemeral ports. A port from that range could be taken by any outgoing connection while
 * the server that owns it is down, and a client that reconnects to it in a loop could even connect to itself.
 */
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 100;

/**
 * A port of 127.0.0.1 that nobody listens on at this moment, nor on the one `distance` above it, for a server that takes
 * both. Somebody else may still be faster, so whoever starts a server on it tries again with another one.
 */
export async function freePort(distance = 0): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT - distance);
    if ((await isFree(port)) && (distance === 0 || (await isFree(port + distance)))) return port;
  }
  throw new TestServerError(`Found no free port on 127.0.0.1 in ${ATTEMPTS} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
