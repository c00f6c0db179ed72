import type { Rule } from "./rule.js";
import { asExpected } from "./rules/as-expected.js";
import { atLeastOnce } from "./rules/at-least-once.js";
import { atMostOnce } from "./rules/at-most-once.js";
import { atMostOnceLosses } from "./rules/at-most-once-losses.js";
import { attemptsBounded } from "./rules/attempts-bounded.js";
import { concurrencyKept } from "./rules/concurrency-kept.js";
import { countsAddUp } from "./rules/counts-add-up.js";
import { doneOrDead } from "./rules/done-or-dead.js";
import { handOutsBounded } from "./rules/hand-outs-bounded.js";
import { historyIsWhole } from "./rules/history-is-whole.js";
import { keptOverAttempts } from "./rules/kept-over-attempts.js";
import { leasesKept } from "./rules/leases-kept.js";
import { lettersTellWhy } from "./rules/letters-tell-why.js";
import { noDuplicatesWithoutCause } from "./rules/no-duplicates-without-cause.js";
import { notBeforeItsTime } from "./rules/not-before-its-time.js";
import { nothingRefusedRuns } from "./rules/nothing-refused-runs.js";
import { nothingUnhandled } from "./rules/nothing-unhandled.js";
import { nothingWaits } from "./rules/nothing-waits.js";
import { onTime } from "./rules/on-time.js";
import { oneDeadLetter } from "./rules/one-dead-letter.js";
import { onlyWhatWasSent } from "./rules/only-what-was-sent.js";
import { replayedOnce } from "./rules/replayed-once.js";
import { retriesFollowFailures } from "./rules/retries-follow-failures.js";
import { sendsSettle } from "./rules/sends-settle.js";
import { workersStay } from "./rules/workers-stay.js";

/** Every rule, in the order in which a reader wants to know: first what a run's facts are worth, then what is lost. */
export const rules: readonly Rule[] = [
  historyIsWhole,
  atLeastOnce,
  atMostOnce,
  atMostOnceLosses,
  onlyWhatWasSent,
  nothingRefusedRuns,
  doneOrDead,
  asExpected,
  oneDeadLetter,
  lettersTellWhy,
  replayedOnce,
  attemptsBounded,
  retriesFollowFailures,
  keptOverAttempts,
  noDuplicatesWithoutCause,
  handOutsBounded,
  leasesKept,
  concurrencyKept,
  notBeforeItsTime,
  onTime,
  sendsSettle,
  nothingWaits,
  countsAddUp,
  nothingUnhandled,
  workersStay,
];
