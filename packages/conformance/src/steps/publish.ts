import assert from "node:assert/strict";
import {
  type BrokerDriver,
  type BrokerError,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
} from "@chicory/core";

/** Publishes messages that must be refused in part or whole, and returns the failures. */
export async function publishRefused(
  driver: BrokerDriver,
  messages: readonly OutgoingMessage[],
): Promise<readonly PublishFailure[]> {
  const error = await failureOf(driver.publish(messages));
  assert.ok(error instanceof PublishError, `publish rejected with ${String(error)} instead of a PublishError`);
  return error.failures;
}

/** Asserts that exactly this message is refused, as certainly not stored, for a reason of this class. */
export async function expectRefusal(
  driver: BrokerDriver,
  message: OutgoingMessage,
  reason: abstract new (...parameters: never[]) => BrokerError,
): Promise<void> {
  const failures = await publishRefused(driver, [message]);
  assert.deepEqual(
    failures.map((failure) => failure.message.id),
    [message.id],
  );
  assert.equal(failures[0]?.outcome, "rejected");
  const cause = failures[0]?.cause;
  assert.ok(cause instanceof reason, `refused with ${String(cause)} instead of a ${reason.name}`);
}

/** The error with which a promise rejects; fails if it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `resolved with ${JSON.stringify(value)} instead of rejecting` });
}
