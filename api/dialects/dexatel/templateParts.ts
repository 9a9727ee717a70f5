import { z } from 'zod';
import { DomainError, type DomainCode } from '../../../domain/errors';
import type { MediaFormat, TemplateButton, TemplateHeader } from '../../../domain/templateParts';
import { isPlain, isStorable, lengthOf } from './input';

/** Headers and buttons as Dexatel says them. Several buttons, and headers that are texts or places, are ours. */

const URL_MAX = 2083;
const FILENAME_MAX = 25;
const BUTTON_TEXT_MAX = 20;
const BUTTONS_MAX = 10;

/** What the end of a link tells of the file; a link may also tell nothing. */
const ENDINGS: Readonly<Record<MediaFormat, { known: RegExp; code: DomainCode }>> = {
  image: { known: /^(jpe?g|png)$/, code: 'template_image_invalid' },
  video: { known: /^(mp4|3gpp?)$/, code: 'template_video_invalid' },
  document: { known: /^pdf$/, code: 'template_document_invalid' },
};

function text(code: DomainCode) {
  return z.string({ error: code }).refine(isStorable, { error: code });
}

export const headerShape = {
  type: z
    .string({ error: 'template_type_invalid' })
    .transform((word) => word.toLowerCase())
    .pipe(
      z.enum(['text', 'image', 'video', 'document', 'location'], {
        error: 'template_type_invalid',
      }),
    )
    .nullish(),
  header: text('template_header_invalid').nullish(),
  url: text('template_url_invalid')
    .refine((link) => lengthOf(link) <= URL_MAX, { error: 'template_url_too_long' })
    .nullish(),
  media_id: z
    .string({ error: 'template_url_invalid' })
    .regex(/^[\w:.=-]{0,512}$/, { error: 'template_url_invalid' })
    .nullish(),
  filename: text('template_filename_invalid')
    .refine((name) => lengthOf(name) <= FILENAME_MAX, { error: 'template_filename_too_long' })
    .nullish(),
};
type GivenHeader = z.output<z.ZodObject<typeof headerShape>>;

/** Throws the code of the first field that does not fit the type. */
export function readHeader({ type, header, ...file }: GivenHeader): TemplateHeader | null {
  switch (type) {
    case 'location':
      return { format: 'location' };
    case 'image':
    case 'video':
      return { format: type, media: readSource(type, file) };
    case 'document':
      return { format: type, media: { ...readSource(type, file), filename: readFilename(file) } };
    default:
      return header ? { format: 'text', text: header } : null;
  }
}

function readSource(
  format: MediaFormat,
  { url, media_id }: Pick<GivenHeader, 'url' | 'media_id'>,
): { link: string } | { id: string } {
  if (!url && media_id) return { id: media_id };
  if (!url) throw refusal('template_url_required', 'url');
  if (!isPlain(url) || !/^https:\/\/[^\s]+$/i.test(url) || !URL.canParse(url)) {
    throw refusal('template_url_invalid', 'url');
  }
  const { known, code } = ENDINGS[format];
  const ending = /\.([a-z0-9]{2,5})$/.exec(new URL(url).pathname.toLowerCase())?.[1];
  if (ending !== undefined && !known.test(ending)) throw refusal(code, 'url');
  return { link: url };
}

function readFilename({ filename }: Pick<GivenHeader, 'filename'>): string {
  if (!filename) throw refusal('template_filename_required', 'filename');
  if (!/^[a-zA-Z0-9_]+$/.test(filename)) throw refusal('template_filename_invalid', 'filename');
  return filename;
}

export const buttonShape = {
  button_type: z
    .string({ error: 'template_button_type_invalid' })
    .transform((word) => word.toUpperCase())
    .pipe(
      z.enum(['', 'QUICK_REPLY', 'LINK', 'PHONE_CALL', 'COPY_CODE'], {
        error: 'template_button_type_invalid',
      }),
    )
    .nullish(),
  button_text: text('template_buttons_invalid')
    .refine((label) => lengthOf(label) <= BUTTON_TEXT_MAX, {
      error: 'template_button_text_too_long',
    })
    .nullish(),
  button_value: text('template_button_value_invalid').nullish(),
};
type GivenButton = z.output<z.ZodObject<typeof buttonShape>>;

export const buttonsShape = {
  ...buttonShape,
  buttons: z
    .array(z.object(buttonShape, { error: 'template_buttons_invalid' }), {
      error: 'template_buttons_invalid',
    })
    .max(BUTTONS_MAX, { error: 'template_buttons_invalid' })
    .nullish(),
};
type GivenButtons = z.output<z.ZodObject<typeof buttonsShape>>;

/** The documented single button first, then those of our own list. */
export function readButtons({ buttons, ...single }: GivenButtons): TemplateButton[] {
  const given = single.button_type || single.button_text || single.button_value;
  return [...(given ? [single] : []), ...(buttons ?? [])].map(readButton);
}

function readButton({ button_type: type, button_text, button_value }: GivenButton): TemplateButton {
  if (!type) throw refusal('template_button_type_invalid', 'button_type');
  if (type === 'COPY_CODE') return { type: 'copy_code' };
  const label = button_text ?? '';
  if (label.trim() === '') throw refusal('template_button_text_required', 'button_text');
  if (!isPlain(label)) throw refusal('template_buttons_invalid', 'button_text');
  if (type === 'QUICK_REPLY') return { type: 'quick_reply', text: label };
  const value = button_value?.trim() ?? '';
  return type === 'LINK'
    ? { type: 'url', text: label, url: value }
    : { type: 'phone_number', text: label, phoneNumber: value };
}

function refusal(code: DomainCode, name: string): DomainError {
  const field = `data.${name}`;
  return new DomainError(code, `'${field}' is missing or invalid`, { field });
}
