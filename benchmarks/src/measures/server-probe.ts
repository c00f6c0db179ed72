/** A connection that looks at the server from outside of what is measured. Whoever opens one closes it. */
export interface ServerProbe {
  /** Empties the server, and waits until that is done. */
  flush(): Promise<void>;
  /** Processor time of the server since its start, in seconds; undefined where it cannot be told. */
  cpuSeconds(): Promise<number | undefined>;
  close(): Promise<void>;
}
