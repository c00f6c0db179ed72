import type { BrokerCapabilities } from "./capabilities.js";
import type { ConsumeOptions, Consumer } from "./consumer.js";
import type { OutgoingMessage } from "./outgoing-message.js";
import type { QueueAdmin } from "./queue-admin.js";

/**
 * The contract between Chicory and a broker. A driver moves messages and keeps leases; it knows neither tasks nor
 * retries nor time-outs of handlers. The package `@chicory/conformance` is this text as tests: changing one changes
 * the other.
 *
 * Lifecycle: a new driver holds no resources. Every method that needs the broker connects first if needed, so
 * `connect` is optional. The driver reconnects by itself, with a growing and jittered pause, until it is closed. After
 * `close` every method rejects with a `ClosedError`.
 *
 * Time: every promise of a driver settles within its configured time limits even if the server says nothing, except
 * that `receive` waits for messages as long as the server answers.
 */
export interface BrokerDriver {
  /** Short name for config and logs, such as "redis". */
  readonly name: string;
  readonly capabilities: BrokerCapabilities;
  readonly admin: QueueAdmin;

  /**
   * Opens the connection and checks that the server is usable. Rejects with a `ConnectionError`, or with an
   * `AccessError` or `ConfigError` when repeating cannot help, or with the reason of the signal once that aborts,
   * which leaves the driver usable. May be called again, also while it runs.
   */
  connect(signal?: AbortSignal): Promise<void>;

  /**
   * Stores messages, in order, as one batch. Resolves once every one is stored; rejects with a `PublishError` that
   * names each one that is not, or may not be, as the very objects that were passed. The driver itself never sends a
   * message twice.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;

  /** Opens a consumer on a queue, which is created if it does not exist. The caller closes it. */
  consume(queue: string, options: ConsumeOptions): Promise<Consumer>;

  /**
   * Closes the driver's consumers, waits a bounded time for publishes under way, and gives up every resource. May be
   * called twice.
   */
  close(): Promise<void>;
}
