import { LEASE_MS } from "../load.js";
import type { Scenario } from "../scenario.js";

export const serverPause: Scenario = {
  name: "server-pause",
  sentence:
    "The server is stopped for longer than the lease and continued: sends settle, and no live worker seems dead.",
  server: { ownServer: true },
  faults: 3,
  everyMs: 1_000,
  async strike({ server, pause }) {
    await server.pause();
    await pause(LEASE_MS * 1.5);
    await server.resume();
  },
};
