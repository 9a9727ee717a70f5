import type { MessageView } from '../../../db/message';
import { DomainError } from '../../../domain/errors';
import { FAILURE_CODES, sendexaFailure } from '../../../wire/sendexaFailure';

type Outcome = Pick<MessageView, 'id' | 'status' | 'reason'>;

/** Why a message did not go out, as an error that names it; null while it may still arrive. */
export function failureOf({ id, status, reason }: Outcome): DomainError | null {
  if (status !== 'failed' && status !== 'skipped') return null;
  const { failure, message } = sendexaFailure(reason);
  return new DomainError(failure, message, { messageId: id });
}

/** The failure as it stands in a status. */
export function renderFailure({
  status,
  reason,
}: Outcome): { code: string; message: string } | null {
  if (status !== 'failed' && status !== 'skipped') return null;
  const { failure, message } = sendexaFailure(reason);
  return { code: FAILURE_CODES[failure], message };
}
