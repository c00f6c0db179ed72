import { type MemoryDriver, MemoryServer, type Session } from "@chicory/broker-memory";
import type { OutgoingMessage, PublishFailure } from "@chicory/core";
import { DelegatingDriver } from "./delegates.js";
import { type Mutant, publishing, publishingInstead } from "./mutant.js";

/** Keeps delayed messages in the memory of the process that sent them. */
class ForgetfulDriver extends DelegatingDriver {
  #closed = false;

  constructor(private readonly sound: MemoryDriver) {
    super(sound);
  }

  override async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const { clock } = this.sound.server;
    for (const { notBefore, ...message } of messages) {
      if (notBefore === undefined) await this.sound.publish([message]);
      else clock.schedule(notBefore, () => void (this.#closed ? undefined : this.sound.publish([message])));
    }
  }

  override async close(): Promise<void> {
    this.#closed = true;
    await super.close();
  }
}

/** Sleeps until the first time that it heard of, whatever comes later. */
class SoundSleeper extends MemoryServer {
  readonly #first = new Map<string, number>();

  override publish(messages: readonly OutgoingMessage[], maxLength: number | undefined): readonly PublishFailure[] {
    for (const { queue, notBefore } of messages) {
      if (notBefore !== undefined && !this.#first.has(queue)) this.#first.set(queue, notBefore);
    }
    return super.publish(messages, maxLength);
  }

  override onReady(session: Session, wake: () => void): () => void {
    const until = this.#first.get(session.queue) ?? 0;
    return super.onReady(session, () => {
      if (this.clock.now() >= until) wake();
    });
  }
}

/** Drivers that delay or order wrongly. */
export const delayingMutants: readonly Mutant[] = [
  {
    name: "lets a short delay wait behind a long one",
    caughtBy: "a short delay does not wait behind a long one",
    driver: (() => {
      const latest = new Map<string, number>();
      return publishingInstead((message) => {
        if (message.notBefore === undefined) return message;
        const notBefore = Math.max(message.notBefore, latest.get(message.queue) ?? 0);
        latest.set(message.queue, notBefore);
        return { ...message, notBefore };
      });
    })(),
  },
  {
    name: "lets every message wait behind a delayed one",
    caughtBy: "a message without a delay does not wait behind a delayed one",
    driver: (() => {
      const latest = new Map<string, number>();
      return publishingInstead((message) => {
        const notBefore = Math.max(message.notBefore ?? 0, latest.get(message.queue) ?? 0);
        latest.set(message.queue, notBefore);
        return { ...message, notBefore };
      });
    })(),
  },
  {
    name: "hands delayed messages out a tenth of a second early",
    caughtBy: "a delayed message comes when its time has come, and never before",
    driver: publishingInstead((message) =>
      message.notBefore === undefined ? message : { ...message, notBefore: message.notBefore - 100 },
    ),
  },
  {
    name: "rounds delays down to half seconds",
    caughtBy: "many different delays are each kept",
    driver: publishingInstead((message) =>
      message.notBefore === undefined ? message : { ...message, notBefore: Math.floor(message.notBefore / 500) * 500 },
    ),
  },
  {
    name: "never hands a delayed message out",
    caughtBy: "a delayed message comes when its time has come, and never before",
    driver: publishingInstead((message) =>
      message.notBefore === undefined ? message : { ...message, notBefore: message.notBefore + 86_400_000 },
    ),
  },
  {
    name: "refuses a time that is past",
    caughtBy: "a time that is past already means now",
    driver: publishingInstead((message) =>
      (message.notBefore ?? 1) <= 0 ? { ...message, notBefore: Number.MAX_SAFE_INTEGER } : message,
    ),
  },
  {
    name: "keeps one message for each time",
    caughtBy: "200 messages of the same time all come",
    driver: (() => {
      const taken = new Set<number>();
      return publishing((messages, inner) => {
        const kept = messages.filter(({ notBefore }) => {
          if (notBefore === undefined || !taken.has(notBefore)) {
            if (notBefore !== undefined) taken.add(notBefore);
            return true;
          }
          return false;
        });
        return inner.publish(kept);
      });
    })(),
  },
  {
    name: "sleeps through an earlier time that is published later",
    caughtBy: "an earlier time that is published later wakes a consumer that waits",
    server: SoundSleeper,
  },
  {
    name: "keeps delayed messages in the memory of the sender",
    caughtBy: "delayed messages live in the broker: they outlive the driver that sent them",
    driver: (inner) => new ForgetfulDriver(inner),
  },
  {
    name: "shortens a delay that is too long",
    caughtBy: "a delay beyond the longest one is refused",
    driver: publishingInstead((message) =>
      message.notBefore === undefined
        ? message
        : { ...message, notBefore: Math.min(message.notBefore, Date.now() + 86_400_000) },
    ),
  },
  {
    name: "forgets the priority of a delayed message",
    caughtBy: "a delayed message keeps its priority",
    driver: publishingInstead((message) => (message.notBefore === undefined ? message : { ...message, priority: 0 })),
  },
  {
    name: "knows no priorities although it says so",
    caughtBy: "a higher priority is handed out first",
    driver: publishingInstead((message) => ({ ...message, priority: Math.min(message.priority, 0) })),
  },
  {
    name: "knows two priorities instead of ten",
    caughtBy: "every priority is handed out before those below it",
    driver: publishingInstead((message) => ({ ...message, priority: message.priority > 4 ? 9 : 0 })),
  },
  {
    name: "takes the nearest priority for one that does not exist",
    caughtBy: "a priority that does not exist is refused",
    driver: publishingInstead((message) => ({
      ...message,
      priority: Math.min(9, Math.max(0, Math.round(message.priority))),
    })),
  },
];
