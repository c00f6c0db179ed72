import type { TaskBody } from "../contenders/drainer.js";
import type { OpenRelay, Relay, RelayOptions } from "../contenders/relay.js";
import type { Round } from "../workload.js";
import { openProbe } from "./open-probe.js";

/** What is measured with a relay. */
export interface RelayUse<T> {
  readonly round: Round;
  readonly task: TaskBody;
  readonly options?: RelayOptions;
  readonly measure: (relay: Relay) => Promise<T>;
}

/** Opens a relay on an empty server, measures with it, and closes it. */
export async function withRelay<T>(open: OpenRelay, { round, task, options, measure }: RelayUse<T>): Promise<T> {
  const probe = await openProbe(round);
  try {
    await probe?.flush();
    const relay = await open(round, task, options);
    try {
      return await measure(relay);
    } finally {
      await relay.close();
    }
  } finally {
    await probe?.close();
  }
}
