import type { OpenProducer, Producer } from "../contenders/producer.js";
import { type Payload, payload, payloads } from "../payload.js";
import type { Measure, Round } from "../workload.js";
import { startCpuMeter } from "./cpu-meter.js";
import { openProbe } from "./open-probe.js";
import type { ServerProbe } from "./server-probe.js";

/** How long a round sends before it is measured: connections are ready and scripts are loaded then, in milliseconds. */
const RUN_UP_MS = 200;

/** How long a round is measured, in milliseconds. */
const QUICK_MS = 400;
const FULL_MS = 700;

/** Payloads that are made before the clock runs, and sent over and over. */
const PREPARED = 1_000;

/** How a workload sends. */
export interface SendingPattern {
  /** Sends that are waited for at once. */
  readonly inFlight: number;
  /** Messages of one send, 1,000 at most; 1 is a single send, not a batch of one. */
  readonly batch: number;
  /** Size of each payload; default 100. */
  readonly payloadBytes?: number;
}

/** Measures how many messages a second a producer has stored, and what each costs. */
export function sending(open: OpenProducer, pattern: SendingPattern): Measure {
  return async (round) => {
    const probe = await openProbe(round);
    if (probe === undefined) throw new Error("Sends are measured on a server, and this suite starts none");
    try {
      await probe.flush();
      const producer = await open(round);
      try {
        return await measure(producer, pattern, probe, round);
      } finally {
        await producer.close();
      }
    } finally {
      await probe.close();
    }
  };
}

async function measure(producer: Producer, pattern: SendingPattern, probe: ServerProbe, { quick }: Round) {
  const before = await sendFor(RUN_UP_MS, producer, pattern);
  const stopMeter = await startCpuMeter(probe);
  const startedAt = performance.now();
  const sent = await sendFor(quick ? QUICK_MS : FULL_MS, producer, pattern);
  const elapsedMs = performance.now() - startedAt;
  const cost = await stopMeter(sent);
  const stored = await producer.stored();
  if (stored !== before + sent) {
    throw new Error(`${before + sent} messages were confirmed, and the server holds ${stored}`);
  }
  return { rate: (sent * 1_000) / elapsedMs, ...cost };
}

/** Sends for a while, and returns how many messages were confirmed. */
async function sendFor(ms: number, producer: Producer, pattern: SendingPattern): Promise<number> {
  const { inFlight, batch, payloadBytes } = pattern;
  const prepared: readonly Payload[] = payloads(0, PREPARED, payloadBytes);
  const chunk = prepared.slice(0, batch);
  const end = performance.now() + ms;
  let sent = 0;
  const lane = async () => {
    for (let next = 0; performance.now() < end; next += 1) {
      if (batch > 1) await producer.sendBatch(chunk);
      else await producer.send(prepared[next % PREPARED] ?? payload(0));
      sent += batch;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return sent;
}
