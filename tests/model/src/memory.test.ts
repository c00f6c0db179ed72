import { type Lease, MemoryServer, type MemoryServerOptions, type Session } from "@chicory/broker-memory";
import { type BrokerDriver, type OutgoingMessage, SettlementError } from "@chicory/core";
import { consuming, DelegatingConsumer, mutants, startMutantHarness } from "@chicory/mutants";
import { describe, expect, it } from "@jest/globals";
import { checkDelivery, type DeliveryCheckOptions } from "./check-delivery.js";

/** Histories of a sound system, and most that are tried until a defect shows. */
const RUNS = 2_000;
const RUNS_UNTIL_FOUND = 2_000;

/** Steps of the longest history that a defect may be shrunk to. */
const SHORT = 16;

/** What each defect is found by, fixed so that a push does not roll dice. */
const SEED = 20_300_101;

/** The story of the history by which a defect is found. */
async function storyOf(system: Omit<DeliveryCheckOptions, "runs" | "seed">): Promise<string> {
  try {
    await checkDelivery({ ...system, seed: SEED, runs: RUNS_UNTIL_FOUND });
  } catch (error) {
    if (error instanceof Error && error.name === "BrokenPromise") return error.message;
    throw error;
  }
  throw new Error("The model found nothing");
}

function stepsOf(story: string): number {
  return story.split("\n").filter((line) => /^ +\d+\. /.test(line)).length;
}

/** Acks the original, and then publishes what takes its place. */
const acksBeforeRetry = consuming((sound, driver) => {
  const consumer = new DelegatingConsumer(sound);
  consumer.settle = async (settlements) => {
    const acks = settlements.map((one) => (one.kind === "retry" ? ({ ...one, kind: "ack" } as const) : one));
    const { lost } = await sound.settle(acks);
    const replacements = settlements.flatMap((one): OutgoingMessage[] =>
      one.kind === "retry" && !lost.includes(one.delivery) ? [one.replacement] : [],
    );
    await publish(driver, replacements).catch((cause) => {
      throw new SettlementError(settlements, cause);
    });
    return { lost };
  };
  return consumer;
});

async function publish(driver: BrokerDriver, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length > 0) await driver.publish(messages);
}

/** Carries out every second call that is cut off on its way. */
class AlternatingServer extends MemoryServer {
  #reached = true;

  constructor(options?: MemoryServerOptions) {
    super(options);
    this.transit.flip = () => {
      this.#reached = !this.#reached;
      return this.#reached;
    };
  }
}

/** Hands out again what somebody holds, without a look at the lease. */
class GreedyServer extends MemoryServer {
  override open(queue: string, leaseMs: number): Session {
    return super.open(queue, leaseMs / 10);
  }

  override renew(): readonly number[] {
    return [];
  }
}

/** Hands messages out as it likes, when there are two. */
class TwoHandedServer extends MemoryServer {
  #latest: Lease | undefined;

  override take(session: Session, request: number, max: number, unanswered: ReadonlySet<number>): readonly Lease[] {
    const leases = super.take(session, request, max, unanswered);
    const again = this.#latest !== undefined && this.#latest.session !== session ? [this.#latest] : [];
    this.#latest = leases[0];
    return leases.length > 0 ? leases : again;
  }
}

const mutant = (name: string) => {
  const found = mutants.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no mutant that ${name}`);
  return () => startMutantHarness(found);
};

/** Set to a number, so many histories are tried, each time others. */
const LONG_RUN = process.env.CHICORY_MODEL_RUNS;

describe("the embedded broker", () => {
  it("keeps every promise of the delivery model", async () => {
    const histories = LONG_RUN === undefined ? { seed: SEED, runs: RUNS } : { runs: Number(LONG_RUN) };
    await checkDelivery({ harness: () => startMutantHarness({ server: AlternatingServer }), ...histories });
  }, 3_600_000);
});

describe("the delivery model finds, and tells in a short history,", () => {
  it.each<[string, Omit<DeliveryCheckOptions, "runs" | "seed">, RegExp]>([
    [
      "a retry whose original is acked before it is stored",
      { harness: () => startMutantHarness({ server: AlternatingServer, driver: acksBeforeRetry }) },
      /^At least once: m\d+ was confirmed, and neither executed nor buried/,
    ],
    [
      "an owner that retries what it holds no more",
      { harness: mutant("lets an owner retry whose lease is gone") },
      /^(Of all settlements of one message one takes|A live worker keeps what it holds)/,
    ],
    [
      "an owner that acks what it holds no more",
      { harness: mutant("lets an owner and its successor both ack") },
      /^Of all settlements of one message one takes/,
    ],
    [
      "a takeover without a look at the lease",
      { harness: () => startMutantHarness({ server: GreedyServer }) },
      /^A live worker keeps what it holds: m\d+ was handed to/,
    ],
    [
      "a message in two hands",
      { harness: () => startMutantHarness({ server: TwoHandedServer }) },
      /^A live worker keeps what it holds/,
    ],
    [
      "a task at most once that is run although its ack is not known to have taken",
      { harness: () => startMutantHarness({ server: AlternatingServer }), trustsAcks: true },
      /^At most once: m\d+ was executed 2 times/,
    ],
    [
      "a message that is lost with its dead owner",
      { harness: mutant("loses what a dead consumer held") },
      /^(At least once|Nothing is stuck)/,
    ],
    [
      "a delayed message that comes early",
      { harness: mutant("hands delayed messages out a tenth of a second early") },
      /^Nothing is early/,
    ],
  ])("%s", async (_, system, promise) => {
    const story = await storyOf(system);
    expect(story).toMatch(promise);
    expect(stepsOf(story)).toBeLessThanOrEqual(SHORT);
  });
});
