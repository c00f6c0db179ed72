import type { Channel } from "rabbitmq-client";
import { ask } from "../connection/ask.js";
import { pause } from "../connection/deadline.js";
import type { Link } from "../connection/link.js";
import { codeOf, fromChannel } from "../errors.js";
import type { Names } from "../topology/names.js";
import { type PassedMessage, QueueReader } from "./queue-reader.js";

/** Pause between attempts to be the only one who looks, in milliseconds. */
const LOCK_RETRY_MS = 50;

/** What a scan needs. */
export interface ScanOptions {
  readonly link: Link;
  readonly names: Names;
  readonly timeoutMs: number;
}

/** The messages of a queue from its head on. What is not taken is put back where it was when the scan ends. */
export interface QueueScan {
  /** The next message, or undefined at the end. */
  next(): Promise<PassedMessage | undefined>;
  /** Deletes a message that `next` returned. */
  take(message: PassedMessage): void;
}

/**
 * Looks through a classic queue. One scan of a queue runs at a time, on the whole server: two would hide messages from
 * each other. While it runs, the messages that it has passed are not counted as waiting. Resolves with undefined if
 * there is no such queue.
 */
export async function scanQueue<T>(
  options: ScanOptions,
  serverQueue: string,
  look: (scan: QueueScan) => Promise<T>,
): Promise<T | undefined> {
  const { link, names, timeoutMs } = options;
  const lock = names.lock(serverQueue);
  const lockChannel = await acquireLock(link, lock, timeoutMs);
  try {
    const channel = await link.channel();
    const reader = new QueueReader(channel, serverQueue, timeoutMs);
    const what = `look through queue "${serverQueue}"`;
    const scan: QueueScan = {
      next: () => reader.next(),
      take: ({ deliveryTag }) => channel.basicAck({ deliveryTag }),
    };
    try {
      const result = await look(scan);
      putBack(channel);
      await ask(channel.close(), what, timeoutMs);
      return result;
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "NOT_FOUND") return undefined;
      putBack(channel);
      throw fromChannel(error, what);
    } finally {
      void channel.close();
    }
  } finally {
    await releaseLock(lockChannel, lock, timeoutMs);
  }
}

function putBack(channel: Channel): void {
  if (channel.active) channel.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
}

/** Scans of this process by lock: the server's lock is between connections. */
const turns = new Map<string, Promise<void>>();

interface Lock {
  readonly channel: Channel;
  readonly done: () => void;
}

/** An exclusive queue is a lock that the server gives back when its holder's connection ends. */
async function acquireLock(link: Link, lock: string, timeoutMs: number): Promise<Lock> {
  const deadline = performance.now() + timeoutMs;
  const key = lock;
  const previous = turns.get(key);
  let done: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => {
    done = resolve;
  });
  const chained = (previous ?? Promise.resolve()).then(() => turn);
  turns.set(key, chained);
  void chained.then(() => {
    if (turns.get(key) === chained) turns.delete(key);
  });
  try {
    await previous;
    for (;;) {
      const channel = await link.channel();
      try {
        await ask(channel.queueDeclare({ queue: lock, exclusive: true }), `lock "${lock}"`, timeoutMs);
        return { channel, done };
      } catch (error) {
        void channel.close();
        const taken = error instanceof Error && codeOf(error.cause) === "RESOURCE_LOCKED";
        if (!taken || performance.now() >= deadline) throw error;
      }
      await pause(LOCK_RETRY_MS);
    }
  } catch (error) {
    done();
    throw error;
  }
}

async function releaseLock({ channel, done }: Lock, lock: string, timeoutMs: number): Promise<void> {
  try {
    await ask(channel.queueDelete(lock), `unlock "${lock}"`, timeoutMs);
  } catch {
    // The connection is gone, and the lock with it.
  } finally {
    void channel.close();
    done();
  }
}
