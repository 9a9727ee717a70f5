export type JsonValue =
  string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** Levels of lists and objects: several times what any request or webhook has, and few enough to be walked through. */
export const DEEPEST = 64;

/** Whether a value has more levels than these: writing it as text, or walking through it, may end the stack. */
export function isDeeper(value: unknown, levels: number = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
