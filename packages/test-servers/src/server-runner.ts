/** What runs a server: a child process or a container. Ports and files are fixed before it is made. */
export interface ServerRunner {
  /** Where its clients connect. */
  readonly host: string;
  /** The process id of the running server; undefined while it is down, and for a container. */
  readonly pid: number | undefined;
  /** False before the start, after an exit, and after a kill. */
  isRunning(): Promise<boolean>;
  /** Starts the server, without waiting until it answers. */
  start(): Promise<void>;
  /** Asks the server to end (SIGTERM) and waits until it has. */
  terminate(): Promise<void>;
  /** Ends the server at once (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>;
  /** Freezes the server; its connections stay open and get no answer. */
  pause(): Promise<void>;
  /** Undoes a {@link pause}. */
  resume(): Promise<void>;
  /** Deletes what the server has stored. It must be down. */
  wipe(): Promise<void>;
  /** What the server wrote since it was last started. */
  log(): Promise<string>;
  /** Kills the server and removes every trace of it. */
  dispose(): Promise<void>;
}
