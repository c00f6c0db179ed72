import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkHalfOpen: Scenario = {
  name: "network-half-open",
  sentence:
    "The server loses every connection without a word to the clients: they notice by themselves and connect again.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { proxied: true },
  faults: 3,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, pause }) {
    const { workers, producers } = proxiesOf(stage);
    workers.strand();
    producers.strand();
    // Until a client notices it works on what the server has given to others.
    await pause(stage.silenceMs * 1.5);
  },
};
