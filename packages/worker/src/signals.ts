/** Signals by which a process is asked to end: by a terminal, and by whatever runs it. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What happens to a process while it runs a worker. */
export interface ProcessListeners {
  /** Called at each signal, with how many came before. */
  readonly onSignal: (signal: NodeJS.Signals, earlier: number) => void;
  readonly onUnhandledRejection: (reason: unknown) => void;
}

/** Listens to the process until the returned function is called. */
export function listenToProcess({ onSignal, onUnhandledRejection }: ProcessListeners): () => void {
  let signals = 0;
  const receive = (signal: NodeJS.Signals): void => {
    onSignal(signal, signals);
    signals += 1;
  };
  for (const signal of STOP_SIGNALS) process.on(signal, receive);
  process.on("unhandledRejection", onUnhandledRejection);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, receive);
    process.off("unhandledRejection", onUnhandledRejection);
  };
}
