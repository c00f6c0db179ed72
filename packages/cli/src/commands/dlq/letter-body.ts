/** A body as it can be printed. */
export interface DeadLetterBody {
  readonly encoding: "utf8" | "base64";
  readonly bytes: number;
  readonly content: string;
}

/** A body as text if decoding it loses nothing, else as base64. */
export function toBody(body: Uint8Array): DeadLetterBody {
  try {
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return { encoding: "utf8", bytes: body.byteLength, content };
  } catch {
    return { encoding: "base64", bytes: body.byteLength, content: Buffer.from(body).toString("base64") };
  }
}
