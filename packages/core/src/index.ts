// For authors of drivers: the contract.

export { Chicory, type ChicoryOptions } from "./app/chicory.js";
export { Broker, type BrokerSettings, type PublishOptions } from "./broker/broker.js";
export { BrokerType } from "./broker/broker-choice.js";
export { DeadLetters, type ReplayOptions } from "./broker/dead-letters.js";
export {
  type AppOptions,
  appSection,
  type BrokerConfigs,
  type ChicoryConfig,
  defineConfig,
  type WorkerConfig,
} from "./config/app-config.js";
export { type ConfigSchema, secret } from "./config/config-schema.js";
export {
  brokerSection,
  type ConfigSection,
  envVariable,
  type SectionOptions,
  type SectionValues,
} from "./config/config-section.js";
export { type Environment, readEnvironment } from "./config/environment.js";
export {
  type ConfigOrigin,
  type ResolvedOption,
  type ResolvedSection,
  resolveSection,
  type SectionSources,
} from "./config/resolve-section.js";
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
export type { MessageRoute, OutgoingMessage } from "./driver/outgoing-message.js";
export type { BrowseOptions, DeadLetterPage, QueueAdmin, QueueDepth, Replay } from "./driver/queue-admin.js";
export { readDeadLetterRecord } from "./driver/read-record.js";
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
export { type Admission, type AdmissionPolicy, admit, type Run } from "./tasks/admission.js";
export {
  Attempt,
  type AttemptListener,
  type AttemptOptions,
  type StartedAttempt,
  startAttempt,
} from "./tasks/attempt.js";
export type { AttemptResult } from "./tasks/attempt-result.js";
export { type Conclusion, type ConclusionInput, conclude } from "./tasks/conclusion.js";
export { toErrorRecord } from "./tasks/error-record.js";
export type { Jsonable } from "./tasks/jsonable.js";
export type { Middleware, TaskOutcome } from "./tasks/middleware.js";
export {
  type Backoff,
  type ErrorMatcher,
  isRetryable,
  type RetryOptions,
  type RetryPolicy,
  retryDelayMs,
} from "./tasks/retry-policy.js";
export type {
  InferInput,
  InferOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "./tasks/standard-schema.js";
export { type SendArguments, type SendManyOptions, type SendOptions, type Sent, Task } from "./tasks/task.js";
export { currentTask, runInTask, type TaskContext } from "./tasks/task-context.js";
export type { TaskDefinition, TaskHandler, TaskOptions } from "./tasks/task-definition.js";
export type { TaskRegistry } from "./tasks/task-registry.js";
export { validateInput } from "./tasks/validation.js";
export { decodeEnvelope } from "./wire/decode.js";
export { encodeEnvelope } from "./wire/encode.js";
export { type Envelope, type FailureSummary, MAX_PRIORITY, WIRE_VERSION } from "./wire/envelope.js";
export { createMessage, type Message, type MessageOptions } from "./wire/message.js";
