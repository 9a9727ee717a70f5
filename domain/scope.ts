/** What an API key may do. `write` of a noun includes its `read`; `*` is everything. */
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
  'messaging:read',
  'messaging:messages:read',
  'messaging:conversations:read',
  'messaging:messages:send',
] as const;

export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** Whether a key with the scopes `held` may do what needs `needed`. */
export function allows(held: readonly string[], needed: Scope): boolean {
  if (held.includes('*') || held.includes(needed)) return true;
  const [noun, verb] = needed.split(':');
  return verb === 'read' && held.includes(`${noun}:write`);
}
