import { serverErrorCode } from "../errors.js";
import { GROUP } from "../keys.js";
import { renewLeases } from "../scripts/renew.js";
import type { CommandChannel } from "../scripts/script.js";

/** Entries of one page of the server's list, which are renewed by one script call. */
const PAGE = 100;

/**
 * Renews the lease of every entry that is pending for a consumer in a stream, whatever this process knows of it. A
 * stream or group that does not exist holds nothing.
 */
export async function renewOwnLeases(channel: CommandChannel, stream: string, consumer: string): Promise<void> {
  let from = "-";
  for (;;) {
    const ids = await listOwn(channel, stream, consumer, from);
    if (ids.length > 0) await renewLeases(channel, stream, consumer, ids);
    const last = ids.at(-1);
    if (last === undefined || ids.length < PAGE) return;
    from = `(${last}`;
  }
}

async function listOwn(
  channel: CommandChannel,
  stream: string,
  consumer: string,
  from: string,
): Promise<readonly string[]> {
  try {
    const reply = await channel.command("xpending", [stream, GROUP, from, "+", PAGE, consumer]);
    return (reply as [Buffer, ...unknown[]][]).map(([id]) => id.toString());
  } catch (error) {
    if (serverErrorCode(error) === "NOGROUP") return [];
    throw error;
  }
}
