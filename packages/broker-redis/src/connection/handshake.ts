import { ConnectionError, type Logger } from "@chicory/core";
import { serverErrorCode, UnansweredError } from "../errors.js";
import type { Connection } from "./connection.js";
import type { Endpoint } from "./endpoint.js";

/**
 * Greets the server on a new connection: credentials, database, a name for operators. Rejects with an `AccessError`
 * if the server refuses the user.
 */
export async function greet(connection: Connection, endpoint: Endpoint, name: string, logger: Logger): Promise<void> {
  // Written together: one round trip. Of several refusals the first is the reason for the others.
  const answers = await Promise.allSettled([
    logIn(connection, endpoint, logger),
    endpoint.db === 0 ? undefined : connection.command("select", [endpoint.db]),
    connection.command("client", ["setname", name]).catch((error: unknown) => {
      if (error instanceof ConnectionError) throw error;
      logger.debug({ err: error }, "The server does not let connections have names");
    }),
  ]);
  for (const answer of answers) {
    if (answer.status === "rejected") throw explained(answer.reason, endpoint);
  }
}

/** A connection that ends at once is most often one to a server that expects TLS. */
function explained(reason: unknown, { address, tls }: Endpoint): unknown {
  if (!(reason instanceof UnansweredError) || tls !== undefined) return reason;
  return new ConnectionError(
    `Redis at ${address} did not answer the first command: is it a Redis server, and does it require TLS (option tls)?`,
    { cause: reason },
  );
}

async function logIn(connection: Connection, { username, password }: Endpoint, logger: Logger): Promise<void> {
  if (password === undefined) return;
  try {
    await connection.command("auth", username === undefined ? [password] : [username, password]);
  } catch (error) {
    // A server without a password is no reason to fail: development set-ups often have none.
    const needless = serverErrorCode(error) === "ERR" && String(error).includes("without any password configured");
    if (!needless) throw error;
    logger.warn({}, "A password is configured, and the Redis server asks for none");
  }
}
