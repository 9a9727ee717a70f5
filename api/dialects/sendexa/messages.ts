import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { MessageView } from '../../../db/message';
import { findResend } from '../../../db/resend';
import { DomainError } from '../../../domain/errors';
import { sendChecked } from '../../../usecases/checkedSend';
import { resendMessage } from '../../../usecases/resend';
import { getSent } from '../../../usecases/sendNow';
import { parseSendexaId } from '../../../wire/sendexaId';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { limit } from '../../rateLimit';
import { failureOf } from './failures';
import { bodyOf, parse } from './input';
import { LIMITS } from './limits';
import { resendSchema } from './messageOperations';
import { renderResent, renderSent, renderStatus } from './messageRender';
import { parseSend } from './sendSchema';

const READ = requireScope('messages:read');
const WRITE = requireScope('messages:write');

export function messageRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const sending = limit(deps, 'sendexa send', LIMITS.send);
  const reading = limit(deps, 'sendexa status', LIMITS.status);
  const resending = limit(deps, 'sendexa resend', LIMITS.resend);

  router
    .route('/v1/whatsapp/send')
    .post([WRITE, sending, ...json], async (request: Request, response: Response) => {
      const message = orFailure(await sendChecked(deps, callerOf(response), parseSend(request)));
      response.json({
        success: true,
        message:
          message.wamid === null ? 'WhatsApp message queued' : 'WhatsApp message sent successfully',
        data: renderSent(message),
      });
    })
    .all(onlyMethods('POST'));

  router
    .route('/v1/whatsapp/status/:messageId')
    .get(READ, reading, async (request, response) => {
      const message = await getSent(deps, callerOf(response), idOf(request.params.messageId));
      const resend = await findResend(deps.db, message.id);
      response.json({ success: true, data: renderStatus(message, resend) });
    })
    .all(onlyMethods('GET'));

  const resend = async (response: Response, id: string) => {
    const resent = await resendMessage(deps, callerOf(response), id);
    const { wamid } = orFailure(resent.message);
    response.status(wamid === null ? 202 : 200).json({
      success: true,
      message: resent.scheduled
        ? 'WhatsApp message scheduled for resend'
        : 'WhatsApp message resent successfully',
      data: renderResent(resent),
    });
  };
  router
    .route('/v1/whatsapp/resend')
    .post([WRITE, resending, ...json], async (request: Request, response: Response) => {
      const { messageId } = parse(resendSchema, bodyOf(request));
      await resend(response, idOf(messageId));
    })
    .all(onlyMethods('POST'));
  router
    .route('/v1/whatsapp/resend/:messageId')
    .post([WRITE, resending, ...json], async (request: Request, response: Response) => {
      await resend(response, idOf(request.params['messageId']));
    })
    .all(onlyMethods('POST'));

  return router;
}

/** A message that failed at once is an error, and not a message that was sent. */
function orFailure(message: MessageView): MessageView {
  const failure = failureOf(message);
  if (failure !== null) throw failure;
  return message;
}

/** What is no id of ours belongs to nothing. */
function idOf(given: unknown): string {
  const id = typeof given === 'string' ? parseSendexaId('exa_wa', given) : null;
  if (id === null)
    throw new DomainError('message_not_found', 'There is no message with this messageId.');
  return id;
}
