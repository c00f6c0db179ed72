/** When the clock of a drain runs, as its caveat. */
export const DRAIN_CLOCK =
  "The clock runs to the last settlement, and not before a fifth of the tasks were executed: what a worker does once when it starts (Chicory's starts a thread that keeps its leases) is measured by start-up, and would weigh much in a short round.";
