/**
 * A type as JSON can carry it. What would arrive as something else (a `Date` as a string, a `Map` as an empty object)
 * or not at all becomes an error at compile time, at the property where it stands.
 */
export type Jsonable<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends NotJsonable
      ? never
      : T extends object
        ? { [TKey in keyof T]: Jsonable<T[TKey]> }
        : never;

type NotJsonable =
  | bigint
  | symbol
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | ArrayBuffer
  | ArrayBufferView
  // biome-ignore lint/suspicious/noExplicitAny: only `any` arguments make every function assignable
  | ((...args: any[]) => unknown);
