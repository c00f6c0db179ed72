import { readFile } from "node:fs/promises";
import type { Connection } from "rabbitmq-client";
import { DEAD_LETTER_QUEUE, openRabbitmq, SERVER_QUEUE } from "../contenders/rabbitmq-client.js";
import type { RabbitmqAddress } from "../workload.js";
import type { ServerProbe } from "./server-probe.js";

/** Linux counts processor time in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;

/** Places of utime and stime among what follows the name of the program in /proc/PID/stat. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** A connection that empties the queue of the contenders, and tells the processor time of the node. */
export class RabbitmqProbe implements ServerProbe {
  readonly #connection: Connection;
  readonly #pid: number | undefined;

  private constructor(connection: Connection, pid: number | undefined) {
    this.#connection = connection;
    this.#pid = pid;
  }

  /** Opens a probe; whoever does closes it. */
  static async open({ url, pid }: RabbitmqAddress): Promise<RabbitmqProbe> {
    return new RabbitmqProbe(await openRabbitmq(url), pid);
  }

  /**
   * Empties the queue and its dead letters, and keeps them: the next contender declares the queue anew, and is refused if
   * it wants another kind of queue than the one before.
   */
  async flush(): Promise<void> {
    await this.#purge(SERVER_QUEUE);
    await this.#purge(DEAD_LETTER_QUEUE);
  }

  async #purge(queue: string): Promise<void> {
    const channel = await this.#connection.acquire({ emitErrorsFromChannel: true });
    channel.on("error", () => undefined);
    try {
      await channel.queuePurge(queue);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "NOT_FOUND")) throw error;
    } finally {
      await channel.close();
    }
  }

  async cpuSeconds(): Promise<number | undefined> {
    if (this.#pid === undefined || process.platform !== "linux") return undefined;
    return processSeconds(await readFile(`/proc/${this.#pid}/stat`, "utf8"));
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** Processor time of a process, in seconds, from what its /proc/PID/stat says. */
export function processSeconds(stat: string): number {
  // The name of the program stands in brackets, and may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}
