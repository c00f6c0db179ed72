import type {
  BrokerCapabilities,
  BrokerDriver,
  BrowseOptions,
  ConsumeOptions,
  Consumer,
  DeadLetterPage,
  Delivery,
  OutgoingMessage,
  QueueAdmin,
  QueueDepth,
  Replay,
  Settlement,
  SettleResult,
  StoredDeadLetter,
} from "@chicory/core";

/** A driver that does what another one does. Mutants override what they break. */
export class DelegatingDriver implements BrokerDriver {
  readonly inner: BrokerDriver;
  readonly name: string;

  constructor(inner: BrokerDriver) {
    this.inner = inner;
    this.name = inner.name;
  }

  get capabilities(): BrokerCapabilities {
    return this.inner.capabilities;
  }

  get admin(): QueueAdmin {
    return this.inner.admin;
  }

  connect(signal?: AbortSignal): Promise<void> {
    return this.inner.connect(signal);
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.inner.publish(messages);
  }

  consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    return this.inner.consume(queue, options);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** A consumer that does what another one does. */
export class DelegatingConsumer implements Consumer {
  readonly inner: Consumer;
  readonly queue: string;

  constructor(inner: Consumer) {
    this.inner = inner;
    this.queue = inner.queue;
  }

  get lastAnsweredAt(): number {
    return this.inner.lastAnsweredAt;
  }

  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    return this.inner.receive(max, signal);
  }

  settle(settlements: readonly Settlement[]): Promise<SettleResult> {
    return this.inner.settle(settlements);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** An administration that does what another one does. */
export class DelegatingAdmin implements QueueAdmin {
  readonly inner: QueueAdmin;

  constructor(inner: QueueAdmin) {
    this.inner = inner;
  }

  queues(): Promise<readonly string[]> {
    return this.inner.queues();
  }

  depth(queue: string): Promise<QueueDepth> {
    return this.inner.depth(queue);
  }

  purge(queue: string): Promise<number> {
    return this.inner.purge(queue);
  }

  browseDeadLetters(queue: string, options?: BrowseOptions): Promise<DeadLetterPage> {
    return this.inner.browseDeadLetters(queue, options);
  }

  findDeadLetter(queue: string, letterId: string): Promise<StoredDeadLetter | undefined> {
    return this.inner.findDeadLetter(queue, letterId);
  }

  replayDeadLetters(queue: string, replays: readonly Replay[]): Promise<readonly string[]> {
    return this.inner.replayDeadLetters(queue, replays);
  }

  removeDeadLetters(queue: string, letterIds: readonly string[]): Promise<number> {
    return this.inner.removeDeadLetters(queue, letterIds);
  }

  purgeDeadLetters(queue: string): Promise<number> {
    return this.inner.purgeDeadLetters(queue);
  }
}
