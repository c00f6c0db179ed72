import { ConfigError } from "@chicory/core";
import { buriedAt, letterIdOf } from "./dead-letter-codec.js";
import type { SyncMessage } from "rabbitmq-client";

/** Characters of an id that tell letters of one page apart. */
const SHORT_ID_LENGTH = 8;

/** Most letters of a page that the cursor names. */
const MAX_NAMED = 100;

/**
 * Where a page of dead letters ended. AMQP has no positions, and letters are removed between two pages, so the cursor
 * names the last letters of the page and says when the first of them was buried: the next page begins behind the named
 * ones; if all of them are gone, at the first letter that is not older than them.
 */
export interface Cursor {
  readonly since: number;
  readonly ids: readonly string[];
}

/** The cursor behind a page that is not empty, as the text that callers pass on. */
export function encodeCursor(page: readonly { readonly id: string; readonly buriedAt: number }[]): string {
  const named = page.slice(-MAX_NAMED);
  const since = Math.min(...page.map((letter) => letter.buriedAt));
  return `${since}:${named.map(({ id }) => shortId(id)).join("")}`;
}

/** Reads a cursor; throws a {@link ConfigError} for a text that is none. */
export function decodeCursor(text: string): Cursor {
  const match = /^(\d+):((?:[0-9a-f]{8})+)$/.exec(text);
  const [, since, ids] = match ?? [];
  if (since === undefined || ids === undefined) {
    throw new ConfigError("The option after must be the `next` of a page of the same queue's dead letters");
  }
  return { since: Number(since), ids: ids.match(/.{8}/g) ?? [] };
}

/** Finds where the page behind a cursor begins, looking at the letters from the oldest on. */
export class PageStart {
  readonly #cursor: Cursor | undefined;
  readonly #ids: ReadonlySet<string>;
  #within = false;
  #begun: boolean;

  constructor(cursor: Cursor | undefined) {
    this.#cursor = cursor;
    this.#ids = new Set(cursor?.ids);
    this.#begun = cursor === undefined;
  }

  /** Whether this letter belongs to the page; once one does, so do all that follow. */
  reached(message: SyncMessage): boolean {
    if (this.#begun) return true;
    if (this.#ids.has(shortId(letterIdOf(message)))) {
      this.#within = true;
      return false;
    }
    this.#begun = this.#within || buriedAt(message) >= (this.#cursor?.since ?? 0);
    return this.#begun;
  }
}

function shortId(id: string): string {
  return id.replace(/[^0-9a-f]/g, "").slice(0, SHORT_ID_LENGTH).padEnd(SHORT_ID_LENGTH, "0");
}
