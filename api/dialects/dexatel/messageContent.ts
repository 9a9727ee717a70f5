import { DomainError, type DomainCode } from '../../../domain/errors';
import type { InteractiveContent, InteractiveHeader, MediaSource } from '../../../domain/message';
import type { ChosenTemplate, FreeForm, SameToAll } from '../../../usecases/directSend';
import { parseGiven, type GivenMessage } from './messageSchema';

/** Characters of one value. */
const VARIABLE_MAX = 70;

/** Reads a request to send: first each field, then whether they go together. */
export function parseMessage(data: unknown): SameToAll {
  const given = parseGiven(data);
  return {
    senderName: given.from,
    recipients: given.to,
    message: given.template ? chosenTemplate(given.template, given) : freeForm(given),
    ...(given.payload && { clientData: given.payload }),
  };
}

/** The template says everything else itself: `type`, `text` and buttons are of messages without one. */
function chosenTemplate(templateId: string, given: GivenMessage): ChosenTemplate {
  const media = mediaOf(given);
  return {
    templateId,
    values: given.variables ?? [],
    header: media && { ...media, ...(given.filename && { filename: given.filename }) },
    longest: VARIABLE_MAX,
  };
}

/** What a message without a template says. Throws for fields that its type needs, and for those it cannot have. */
function freeForm(given: GivenMessage): FreeForm {
  const button = buttonOf(given);
  switch (given.type) {
    case 'text':
      return textMessage(given, button);
    case 'image':
    case 'video':
      return mediaMessage(given.type, given, button);
    case 'document':
      return documentMessage(given, button);
    default:
      throw refusal('message_type_required', 'type');
  }
}

/** Title of the one reply button that Dexatel knows; null without one. */
function buttonOf({ button_type, button_text }: GivenMessage): string | null {
  if (!button_type && !button_text) return null;
  if (!button_type) throw refusal('message_button_unsupported', 'button_type');
  if (!button_text) throw refusal('message_button_incomplete', 'button_text');
  return button_text;
}

function textMessage(given: GivenMessage, button: string | null): FreeForm {
  const body = saidIn(given);
  if (body === undefined) throw refusal('message_text_required', 'text');
  return button === null ? { type: 'text', body } : withButton(body, button);
}

/** A text is its caption; with a button it is the message, under the picture. */
function mediaMessage(
  type: 'image' | 'video',
  given: GivenMessage,
  button: string | null,
): FreeForm {
  const media = mediaOf(given);
  if (media === null) throw refusal('message_media_required', 'url');
  const said = saidIn(given);
  if (button === null) return { type, ...media, ...(said !== undefined && { caption: said }) };
  if (said === undefined) throw refusal('message_text_required', 'text');
  return withButton(said, button, { type, ...media });
}

function documentMessage(given: GivenMessage, button: string | null): FreeForm {
  const media = mediaOf(given);
  if (media === null) throw refusal('message_document_incomplete', 'url');
  if (!given.filename) throw refusal('message_document_incomplete', 'filename');
  if (saidIn(given) !== undefined) throw refusal('message_text_invalid', 'text');
  if (button !== null) throw refusal('message_button_unsupported', 'button_type');
  return { type: 'document', ...media, filename: given.filename };
}

function saidIn({ text }: GivenMessage): string | undefined {
  return text?.trim() ? text : undefined;
}

/** Null where no media are given. Throws `message_media_invalid` when they are said to be in two places. */
function mediaOf({ url, media_id }: GivenMessage): MediaSource | null {
  if (url && media_id) throw refusal('message_media_invalid', 'media_id');
  if (url) return { link: url };
  return media_id ? { id: media_id } : null;
}

/** A tap comes back as the customer's message, with the title as its id. */
function withButton(body: string, title: string, header?: InteractiveHeader): InteractiveContent {
  const action = { type: 'buttons' as const, buttons: [{ id: title, title }] };
  return { type: 'interactive', ...(header && { header }), body, action };
}

function refusal(code: DomainCode, field: string): DomainError {
  return new DomainError(code, `'data.${field}' is missing or invalid`, { field: `data.${field}` });
}
