import type { Round, Sample } from "../workload.js";

/** What a contender's process is asked to do. It ends when its parent disconnects. */
export interface RoundRequest {
  readonly round: Round;
}

/** What it answers: the sample of the round, or why the contender is broken. */
export type RoundReply =
  | { readonly kind: "sample"; readonly sample: Sample }
  | { readonly kind: "broken"; readonly reason: string };
