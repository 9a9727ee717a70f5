/** Characters, not UTF-16 units: an emoji counts once. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
