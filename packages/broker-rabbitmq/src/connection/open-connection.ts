import { Connection, type ConnectionOptions } from "rabbitmq-client";
import { hearGreeting, openWire } from "../amqp/client-internals.js";
import { type ServerVersion, versionIn } from "./server-version.js";

/** A connection, and what is known of the server at its other end. */
export interface OpenConnection {
  readonly connection: Connection;
  readonly version: ServerVersion | undefined;
}

/**
 * Opens one connection to one node, or rejects with the client's error. The client's own reconnecting is not used: it
 * hides why an attempt failed, and goes on after a refused login.
 */
export function openConnection(options: ConnectionOptions, signal: AbortSignal): Promise<OpenConnection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const connection = new Connection(options);
    let version: ServerVersion | undefined;
    hearGreeting(connection, (greeting) => {
      version = versionIn(greeting);
    });
    const settle = (): void => {
      connection.off("connection", onConnection);
      connection.off("error", onError);
      signal.removeEventListener("abort", onAbort);
      // An error event without a listener would end the process.
      connection.on("error", () => undefined);
    };
    const onConnection = (): void => {
      settle();
      try {
        openWire(connection);
        resolve({ connection, version });
      } catch (error) {
        connection.unsafeDestroy();
        reject(error);
      }
    };
    const onError = (error: unknown): void => {
      settle();
      connection.unsafeDestroy();
      reject(error);
    };
    const onAbort = (): void => {
      settle();
      connection.unsafeDestroy();
      reject(signal.reason);
    };
    connection.on("connection", onConnection);
    connection.on("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
