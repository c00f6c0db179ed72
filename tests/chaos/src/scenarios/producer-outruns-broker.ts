import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

/** 100 kB a second, which is some 250 tasks, for ten times as many. */
const PACE = { bytes: 2_000, everyMs: 20 } as const;
const BURST = 250;
const BURSTS = 80;
const BURST_MS = 100;
/** What 20,000 sends that wait may take, their promises and what the ledger notes of them included, in MB. */
const MAX_GROWTH_MB = 300;
const MEGABYTE = 1_048_576;

export const producerOutrunsBroker: Scenario = {
  name: "producer-outruns-broker",
  sentence:
    "A producer sends ten times what its connection carries: each send is settled in its time, memory stays bounded, and all goes on.",
  stages: ["redis", "rabbitmq"],
  tier: "all",
  needs: { proxied: true },
  faults: 1,
  everyMs: 1_000,
  sparesWorkers: true,
  async strike({ stage, producer, pause, note, broken }) {
    const { producers } = proxiesOf(stage);
    const before = process.memoryUsage.rss();
    producers.trickle(PACE);
    const sending: Promise<void>[] = [];
    for (let burst = 0; burst < BURSTS; burst++) {
      sending.push(producer.burst("steady", BURST));
      await pause(BURST_MS);
    }
    await Promise.all(sending);
    const grownMb = (process.memoryUsage.rss() - before) / MEGABYTE;
    producers.trickle(undefined);
    note(`memory of the producer grew by ${grownMb.toFixed(0)} MB`);
    if (grownMb > MAX_GROWTH_MB) broken(`memory is bounded: it grew by ${grownMb.toFixed(0)} MB`);
  },
};
