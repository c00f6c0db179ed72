/** Deepest nesting of a body, the envelope itself included. Deeper ones are an attack or a mistake. */
export const MAX_DEPTH = 64;

/** Default of `maxMessageBytes`: 1 MiB. Larger data belongs in a store, with a reference in the message. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1_048_576;

/** Longest id and longest task name, in characters; both become part of keys, headers and log lines. */
export const MAX_ID_LENGTH = 200;
export const MAX_TASK_NAME_LENGTH = 200;

/** Most headers of one message, and longest header name and value in characters. */
export const MAX_HEADERS = 64;
export const MAX_HEADER_NAME_LENGTH = 200;
export const MAX_HEADER_VALUE_LENGTH = 4_096;
