import type { BrokerDriver, ConsumeOptions, Consumer, Delivery, Settlement, SettleResult } from "@chicory/core";

/** What a test puts between a worker and its consumers; what is not given passes. */
export interface Faults {
  receive?(
    max: number,
    signal: AbortSignal,
    pass: () => Promise<readonly Delivery[]>,
  ): Promise<readonly Delivery[]> | readonly Delivery[];
  settle?(
    settlements: readonly Settlement[],
    pass: (settlements?: readonly Settlement[]) => Promise<SettleResult>,
  ): Promise<SettleResult>;
  consume?(queue: string, pass: () => Promise<Consumer>): Promise<Consumer>;
  close?(pass: () => Promise<void>): Promise<void>;
  connect?(signal: AbortSignal | undefined): Promise<void>;
  /** Fixes when the broker last answered, as for a consumer that hears nothing more. */
  lastAnsweredAt?: number;
}

/** A driver with faults that a test switches on and off. */
export class FaultyDriver implements BrokerDriver {
  readonly faults: { -readonly [TName in keyof Faults]: Faults[TName] | undefined } = {};
  /** Options of each consumer, in the order of opening. */
  readonly consumers: { readonly options: ConsumeOptions; closed: boolean }[] = [];
  readonly #inner: BrokerDriver;

  constructor(inner: BrokerDriver) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get capabilities(): BrokerDriver["capabilities"] {
    return this.#inner.capabilities;
  }

  get admin(): BrokerDriver["admin"] {
    return this.#inner.admin;
  }

  connect(signal?: AbortSignal): Promise<void> {
    return this.faults.connect?.(signal) ?? this.#inner.connect(signal);
  }

  publish(...args: Parameters<BrokerDriver["publish"]>): Promise<void> {
    return this.#inner.publish(...args);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const pass = () => this.#inner.consume(queue, options);
    const consumer = await (this.faults.consume?.(queue, pass) ?? pass());
    const record = { options, closed: false };
    this.consumers.push(record);
    const { faults } = this;
    return {
      queue,
      get lastAnsweredAt() {
        return faults.lastAnsweredAt ?? consumer.lastAnsweredAt;
      },
      async receive(max, signal) {
        const receive = () => consumer.receive(max, signal);
        return faults.receive === undefined ? receive() : faults.receive(max, signal, receive);
      },
      async settle(settlements) {
        const settle = (chosen = settlements) => consumer.settle(chosen);
        return faults.settle === undefined ? settle() : faults.settle(settlements, settle);
      },
      async close() {
        record.closed = true;
        const close = () => consumer.close();
        await (faults.close === undefined ? close() : faults.close(close));
      },
    };
  }
}
