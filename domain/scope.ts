/**
 * What an API key may do. `write` of a noun includes its `read`; `*` is everything. The `read` of a namespace
 * (`messaging:read`) includes every `read` below it, and never anything else.
 */
export const SCOPES = [
  '*',
  'campaigns:read',
  'campaigns:write',
  'audiences:read',
  'audiences:write',
  'templates:read',
  'templates:write',
  'senders:read',
  'senders:write',
  'webhooks:read',
  'webhooks:write',
  'events:read',
  'messages:read',
  'messages:write',
  'messaging:read',
  'messaging:messages:read',
  'messaging:conversations:read',
  'messaging:conversations:write',
  'messaging:messages:send',
] as const;

export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** Whether a key with the scopes `held` may do what needs `needed`. */
export function allows(held: readonly string[], needed: Scope): boolean {
  if (held.includes('*') || held.includes(needed)) return true;
  const names = needed.split(':');
  if (names.pop() !== 'read') return false;
  const parents = names.map((_, depth) => `${names.slice(0, depth + 1).join(':')}:read`);
  return held.includes(`${names.join(':')}:write`) || parents.some((scope) => held.includes(scope));
}
