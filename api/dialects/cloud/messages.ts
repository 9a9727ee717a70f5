import type { Request, RequestHandler, Response, Router } from 'express';
import type { Sender } from '../../../db/schema';
import { isBsuid } from '../../../domain/identity';
import { phoneDigits } from '../../../domain/phone';
import {
  markMessageRead,
  readDirectMessage,
  refuseWhileBlocked,
  sentMessage,
  type SentMessage,
} from '../../../usecases/cloudMessage';
import { sendMessages } from '../../../usecases/message';
import { answerTo } from '../../../usecases/sendNow';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { invalidParameter } from '../../../wire/requestProblem';
import { readSendRequest, type SendRequest } from '../../../wire/sendRequest';
import { requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { readOrRefuse } from './body';
import type { SentAnswer } from './messageOperations';
import { placeRouter, senderOf, type Place } from './place';

const SEND = requireScope('messages:write');

export function messageRoutes(deps: DialectDeps, json: RequestHandler[], place: Place): Router {
  const router = placeRouter();

  router
    .route(place.ofNumber('/messages'))
    .post([SEND, ...json], async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const asked = readOrRefuse(readSendRequest(request.body));
      if (asked.kind === 'read') {
        await markMessageRead(deps, sender, asked);
        response.json({ success: true });
      } else {
        response.json(await send(deps, sender, asked, false));
      }
    })
    .all(onlyMethods('POST'));

  router
    .route(place.ofNumber('/marketing_messages'))
    .post([SEND, ...json], async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const asked = readOrRefuse(readSendRequest(request.body));
      if (asked.kind === 'read')
        throw providerRefusal(invalidParameter('Message must be a template message.'));
      response.json(await send(deps, sender, asked, true));
    })
    .all(onlyMethods('POST'));

  return router;
}

type MessageRequest = Extract<SendRequest, { kind: 'message' }>;

/**
 * Queues the message and waits for what the provider says. What WhatsApp would take and fail later (a closed window, an
 * opt-out) is taken here as well, and fails by webhook; while it blocks the account, nothing is taken.
 */
async function send(
  deps: DialectDeps,
  sender: Sender,
  asked: MessageRequest,
  marketingOnly: boolean,
): Promise<SentAnswer> {
  if (asked.toGroup)
    throw providerRefusal(
      invalidParameter('Param recipient_type must be one of {INDIVIDUAL} - got "group".'),
    );
  const message = await readDirectMessage(deps, sender, asked, marketingOnly);
  refuseWhileBlocked(sender);
  const [id] = await sendMessages(deps, sender, [message], 'later');
  await answerTo(deps, sender, id!);
  return renderSent(asked, await sentMessage(deps, id!));
}

/** The status is told of templates alone, as Meta does. */
function renderSent({ to, input, content }: MessageRequest, { id, held }: SentMessage): SentAnswer {
  const status = held ? ('held_for_quality_assessment' as const) : ('accepted' as const);
  return {
    messaging_product: 'whatsapp',
    contacts: [isBsuid(to) ? { input, user_id: to } : { input, wa_id: phoneDigits(to) }],
    messages: [{ id, ...(content.type === 'template' && { message_status: status }) }],
  };
}
