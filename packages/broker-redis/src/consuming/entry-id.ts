/**
 * Compares the ids of two entries of a stream, `milliseconds-count`, by their age: below 0 if the first is older.
 * Nothing is made of the texts, since every entry that comes in is compared once.
 */
export function compareEntryIds(one: string, other: string): number {
  const dash = one.indexOf("-");
  const otherDash = other.indexOf("-");
  // Numbers of the same length stand in the order of their texts, and of two lengths the longer is the larger.
  if (dash !== otherDash) return dash - otherDash;
  if (one.length !== other.length && one.startsWith(other.slice(0, dash))) return one.length - other.length;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
