import type { HostPort } from "../connection/host-port.js";
import { serverErrorCode, serverErrorText } from "../errors.js";

/**
 * Why a node did not execute a command, and what to do about it: `moved` and `ask` name the node to send it to, the
 * latter for this once; `wait` says that the same may work in a moment.
 */
export type Redirect =
  | { readonly kind: "moved"; readonly slot: number; readonly to: HostPort }
  | { readonly kind: "ask"; readonly to: HostPort }
  | { readonly kind: "wait" };

/** Answers of a node that certainly executed nothing, and that pass. */
const PASSING: ReadonlySet<string> = new Set(["TRYAGAIN", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING"]);

/** Reads an error of a command that `askedHost` answered. Undefined if it is none of those that are safe to repeat. */
export function redirectOf(error: unknown, askedHost: string): Redirect | undefined {
  const code = serverErrorCode(error);
  if (code === undefined) return undefined;
  if (PASSING.has(code)) return { kind: "wait" };
  if (code !== "MOVED" && code !== "ASK") return undefined;
  // MOVED 3999 10.0.0.1:6381, where the host may be empty for the one that was asked, and may be an IPv6 address.
  const match = /^-?(?:MOVED|ASK) (\d+) (.*):(\d+)/.exec(serverErrorText(error) ?? "");
  if (match === null) return { kind: "wait" };
  const [, slot = "", host = "", port = ""] = match;
  const to = { host: host === "" || host === "?" ? askedHost : host, port: Number(port) };
  return code === "ASK" ? { kind: "ask", to } : { kind: "moved", slot: Number(slot), to };
}
