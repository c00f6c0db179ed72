import type { Scenario } from "../scenario.js";

export const serverKill: Scenario = {
  name: "server-kill",
  sentence:
    "The server, which writes each command to disk, is killed with SIGKILL and started again: nothing confirmed is lost.",
  server: { appendonly: "always" },
  faults: 4,
  everyMs: 1_500,
  async strike({ server }) {
    await server.kill();
    await server.restart({ keepData: true });
  },
};
