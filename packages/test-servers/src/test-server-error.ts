/** A server for tests could not be started, stopped or steered; the message says which, and what to do about it. */
export class TestServerError extends Error {
  override readonly name = "TestServerError";
}
