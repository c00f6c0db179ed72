import type { VirtualClock } from "@chicory/broker-memory";
import type { HistoryEvent, NewHistoryEvent } from "../history-event.js";

/** The history of a simulated run, at the times of its clock. */
export class Chronicle {
  readonly events: HistoryEvent[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  write(event: NewHistoryEvent): void {
    this.events.push({ ...event, t: this.#clock.now() });
  }
}
