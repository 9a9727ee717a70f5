import { interactiveProblem } from './interactiveRules';
import {
  invalid,
  isLonger,
  missing,
  placeProblem,
  sourceProblem,
  type ContentProblem,
} from './contentProblem';
import type { ContactCard, OutboundContent } from './message';

/**
 * The first thing wrong with a content; null where nothing is. What depends on the account (templates, uploaded media,
 * catalogs) is known to the provider alone.
 */
export function contentProblem(content: OutboundContent): ContentProblem | null {
  switch (content.type) {
    case 'text':
      return textProblem(content.body);
    case 'image':
    case 'video':
    case 'document':
      return sourceProblem(content.type, content) ?? captionProblem(content.type, content.caption);
    case 'audio':
    case 'sticker':
      return sourceProblem(content.type, content);
    case 'location':
      return placeProblem('location', content);
    case 'contacts':
      return contactsProblem(content.contacts);
    case 'reaction':
      return reactionProblem(content.wamid, content.emoji);
    case 'interactive':
      return interactiveProblem(content);
    case 'template':
      return templateProblem(content.name, content.language);
  }
}

function tooLong(parameter: string, length: number): ContentProblem {
  const details = `Param ${parameter} must be at most ${length} characters long.`;
  return { code: 100, details };
}

function textProblem(body: string): ContentProblem | null {
  if (body === '') return { code: 100, details: "The parameter text['body'] is required." };
  return isLonger(body, 4096) ? tooLong("text['body']", 4096) : null;
}

function captionProblem(type: string, caption: string | undefined): ContentProblem | null {
  return caption !== undefined && isLonger(caption, 1024)
    ? tooLong(`${type}['caption']`, 1024)
    : null;
}

const BIRTHDAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

function contactsProblem(contacts: readonly ContactCard[]): ContentProblem | null {
  if (contacts.length === 0) return missing('contacts: at least one contact is required');
  for (const { name, phones, birthday } of contacts) {
    if (name.formattedName === '') return missing('contacts: name.formatted_name is required');
    if (phones?.some(({ phone, waId }) => phone === '' && waId === undefined))
      return missing('contacts: phones.phone is required');
    if (birthday !== undefined && !BIRTHDAY.test(birthday))
      return invalid('contacts: birthday must be YYYY-MM-DD');
  }
  return null;
}

const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
const characters = new Intl.Segmenter();

/** Flags, families and skin tones are several code points and one emoji. */
function isEmoji(text: string): boolean {
  return EMOJI.test(text) && Array.from(characters.segment(text)).length === 1;
}

function reactionProblem(wamid: string, emoji: string): ContentProblem | null {
  if (wamid === '') return missing('reaction: message_id is required');
  return emoji === '' || isEmoji(emoji) ? null : invalid('reaction: emoji is not one emoji');
}

function templateProblem(name: string, language: string): ContentProblem | null {
  if (name === '') return missing('template: name is required');
  return language === '' ? missing('template: language.code is required') : null;
}
