import { DomainError } from '../domain/errors';
import type { CallOutcome } from '../domain/ports';
import type { RequestProblem } from '../wire/requestProblem';

/** What the provider refuses, or would refuse, with its code and words: for clients that speak its language. */
export function providerRefusal({ code, subcode, message, details }: RequestProblem): DomainError {
  return new DomainError('provider_refused', message ?? details ?? 'The provider refused.', {
    code,
    ...(subcode !== undefined && { subcode }),
    ...(message !== undefined && { message }),
    ...(details !== undefined && { details }),
  });
}

/**
 * What a request to the provider brought. Throws `provider_refused` with its code, and `provider_unavailable` where
 * nobody knows what became of the request or the provider could not be asked.
 */
export function doneOrThrow<T>(outcome: CallOutcome<T>): { kind: 'done' } & T {
  if (outcome.kind === 'done') return outcome;
  throw outcome.kind === 'rejected'
    ? rejection(outcome.code, outcome.detail)
    : new DomainError('provider_unavailable', 'The provider cannot be reached at the moment.');
}

/** Our own codes (domain/failure.ts) for addresses and keys that the provider does not know: the settings' fault. */
const SETTINGS_AT_FAULT: ReadonlySet<number> = new Set([-400, -401, -403, -404]);
const INVALID_PARAMETER = 100;

/** Codes below 0 are our own, for requests that the provider answered without one, or could not be asked. */
export function rejection(code: number, details?: string): DomainError {
  if (code >= 0) return providerRefusal({ code, details });
  if (SETTINGS_AT_FAULT.has(code)) return providerRefusal({ code: INVALID_PARAMETER, details });
  return new DomainError('provider_unavailable', 'The provider cannot be reached at the moment.');
}
