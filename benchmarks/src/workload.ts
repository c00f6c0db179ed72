/** Where the servers of a run are. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the RabbitMQ of a run is. */
export interface RabbitmqAddress {
  readonly url: string;
  /** Its process; undefined if it is not one of this machine's. */
  readonly pid: number | undefined;
}

/** What a contender gets for one round. */
export interface Round {
  /** Undefined in a suite that needs no Redis. */
  readonly redis: ServerAddress | undefined;
  /** Undefined in a suite that needs no RabbitMQ. */
  readonly rabbitmq: RabbitmqAddress | undefined;
  /** Whether little time is to be spent. */
  readonly quick: boolean;
}

/** What one round measured, by the name of the metric. */
export type Sample = Readonly<Record<string, number>>;

/**
 * Runs one round. Throws if the contender did not do what it claims to do: a lost message makes a figure worthless.
 */
export type Measure = (round: Round) => Promise<Sample>;

/** One side of a workload. */
export interface Contender {
  readonly name: string;
  /** Packages whose versions belong to the result. */
  readonly packages: readonly string[];
  /** Loaded in a process of its own, so that no contender pays for another's code. */
  readonly load: () => Promise<Measure>;
  /** Takes no part in quick runs. */
  readonly onlyFull?: boolean;
}

/** A ratio that a comparison is to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One side of a comparison. */
export interface Side {
  readonly contender: string;
  /** Default: the workload's. */
  readonly metric?: string;
}

/** A ratio to print: subject by reference, round by round. */
export interface Comparison {
  readonly subject: Side;
  readonly reference: Side;
  /** Undefined where the ratio is only shown. */
  readonly target?: Target;
}

/** A number by the time that may be spent. */
export interface RoundCount {
  readonly quick: number;
  readonly full: number;
}

/** A further metric of a workload, shown beside the main one. */
export interface Column {
  readonly metric: string;
  /** What stands above it, with its unit. */
  readonly head: string;
}

/** The number for a round. */
export function countOf({ quick, full }: RoundCount, round: Round): number {
  return round.quick ? quick : full;
}

/** Something to be done by several contenders, and what is compared. Plain data: how it is measured is in `load`. */
export interface Workload {
  /** Name on the command line. */
  readonly name: string;
  /** What is measured, for readers. */
  readonly title: string;
  /** The metric that is shown and compared. */
  readonly metric: string;
  readonly unit: string;
  readonly columns?: readonly Column[];
  /** A caveat that readers of the figures need. */
  readonly note?: string;
  readonly contenders: readonly Contender[];
  readonly comparisons: readonly Comparison[];
  /** Rounds whose samples count. */
  readonly rounds: RoundCount;
  /** Rounds before, which do not count: code is compiled and caches are filled in them. */
  readonly warmUps: RoundCount;
  /** Left out of a quick run that does not ask for it by name: it varies another one, or takes long whatever is done. */
  readonly onlyFull?: boolean;
}

/** The address of the Redis of a round; throws in a suite that has none. */
export function redisOf({ redis }: Round): ServerAddress {
  if (redis === undefined) throw new Error("This contender needs a Redis, and its suite starts none");
  return redis;
}

/** The address of the RabbitMQ of a round; throws in a suite that has none. */
export function rabbitmqOf({ rabbitmq }: Round): RabbitmqAddress {
  if (rabbitmq === undefined) throw new Error("This contender needs a RabbitMQ, and its suite starts none");
  return rabbitmq;
}
