// For authors of drivers: the contract.

export { type ConfigSchema, secret } from "./config/config-schema.js";
export { DELIVERY_MODES, DeliveryMode } from "./delivery-mode.js";
export type { BrokerPackage, DriverEnvironment } from "./driver/broker-package.js";
export type { BrokerCapabilities } from "./driver/capabilities.js";
export { type ConsumeOptions, type Consumer, MAX_SILENCE_MS } from "./driver/consumer.js";
export type {
  DeadLetter,
  DeadLetterReason,
  DeadLetterRecord,
  ErrorRecord,
  StoredDeadLetter,
} from "./driver/dead-letter.js";
export type { Delivery } from "./driver/delivery.js";
export type { BrokerDriver } from "./driver/driver.js";
export type { OutgoingMessage } from "./driver/outgoing-message.js";
export type { BrowseOptions, DeadLetterPage, QueueAdmin, QueueDepth, Replay } from "./driver/queue-admin.js";
export type { Settlement, SettleResult } from "./driver/settlement.js";
// Errors.
export {
  AccessError,
  BrokerError,
  type BrokerErrorOptions,
  ClosedError,
  ConnectionError,
  QueueFullError,
  ServerError,
  UnsupportedError,
} from "./errors/broker-error.js";
export { ChicoryError, type ChicoryErrorCode } from "./errors/chicory-error.js";
export { ConfigError } from "./errors/config-error.js";
export {
  type InputIssue,
  InvalidInputError,
  MessageTooLargeError,
  NotSerializableError,
  UndecodableError,
} from "./errors/message-errors.js";
export { PublishError, type PublishFailure, type PublishOutcome } from "./errors/publish-error.js";
export { SettlementError } from "./errors/settlement-error.js";
export {
  LeaseLostError,
  type RetryRequestOptions,
  ShutdownError,
  TaskFailedError,
  TaskRetryError,
  TaskTimeoutError,
  WorkerError,
} from "./errors/task-errors.js";
export { type Logger, type LogMethod, silentLogger } from "./logging/logger.js";
export { assertQueueName, DEFAULT_QUEUE, isQueueName, MAX_QUEUE_NAME_LENGTH } from "./queue-name.js";
