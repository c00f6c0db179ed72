import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads a pipe whose other end only the parent holds. However the parent ends, kill -9 included, the kernel closes that
 * end, the read returns, and the server's process group and its folder go.
 */
const SCRIPT = 'cat >/dev/null 2>&1; kill -s KILL -- "-$1" 2>/dev/null; sleep 0.1; rm -rf -- "$2"';

/** A tiny process that takes a server down with the process that started it. */
export interface Watchdog {
  /** Ends the watch without touching the server. */
  dismiss(): void;
}

/** Watches over the process group that `pid` leads and the folder that it writes to. */
export function startWatchdog(pid: number, folder: string): Watchdog {
  // Its own session, so that Ctrl-C in a terminal ends the parent and not the one that cleans up after it.
  const child: ChildProcess = spawn("/bin/sh", ["-c", SCRIPT, "sh", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  unref(child.stdin);
  return { dismiss: () => void child.kill("SIGKILL") };
}

/** A pipe to a child is a socket and can be unreferenced, which its type does not say. */
function unref(stream: unknown): void {
  if (typeof stream === "object" && stream !== null && "unref" in stream && typeof stream.unref === "function") {
    stream.unref();
  }
}
