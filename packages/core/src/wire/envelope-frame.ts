import { assertReadable, assertSerializable, noLarger } from "./encode.js";
import { type Envelope, WIRE_VERSION } from "./envelope.js";

/**
 * What the messages of one batch have in common, as JSON: they differ by their ids and inputs alone. What is shared is
 * checked and encoded once, and a text of few pieces is written to a socket faster than one of many.
 */
export class EnvelopeFrame {
  readonly #beforeId = `{"v":${WIRE_VERSION},"id":"`;
  readonly #beforeInput: string;
  readonly #afterInput: string;
  readonly #withoutInput: string;

  /** Takes everything but the id and the input of an envelope. Throws as `encodeEnvelope` does. */
  constructor(envelope: Envelope) {
    assertReadable(envelope);
    const { v: _version, id: _id, name, input: _input, ...others } = envelope;
    const named = `","name":${JSON.stringify(name)}`;
    this.#afterInput = `,${JSON.stringify(others).slice(1)}`;
    this.#beforeInput = `${named},"input":`;
    this.#withoutInput = named + this.#afterInput;
  }

  /** The text of one message. The id must be one that stands in JSON as it is. Throws as `encodeEnvelope` does. */
  encode(id: string, input: unknown, maxBytes: number): string {
    assertSerializable(input, undefined, "input");
    const json: string | undefined = JSON.stringify(input);
    if (json === undefined) return noLarger(this.#beforeId + id + this.#withoutInput, maxBytes);
    return noLarger(this.#beforeId + id + this.#beforeInput + json + this.#afterInput, maxBytes);
  }
}
