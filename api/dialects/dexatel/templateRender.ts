import type { Template } from '../../../db/schema';
import type { TemplateButton } from '../../../domain/templateParts';
import { dexatelDate } from './date';
import type { TemplateAnswer, TemplateButtonAnswer } from './templateOperations';
import { templateStatusName } from './templateSchema';

/** The documented fields first, then ours. */
export function renderTemplate(template: Template): TemplateAnswer {
  const buttons = template.buttons.map(renderButton);
  return {
    id: template.id,
    account_id: template.account_id,
    name: template.name,
    text: template.body,
    channel: template.channel,
    status: templateStatusName(template.status),
    create_date: dexatelDate(template.created_at),
    update_date: dexatelDate(template.updated_at),
    links: { self: `/v1/templates/${template.id}`, account: null },
    ...renderHeader(template),
    ...(buttons[0] ?? NO_BUTTON),
    language: template.language,
    wa_category: template.category,
    sender_id: template.sender_id,
    footer: template.footer,
    buttons,
    placeholders: template.placeholders,
    examples: template.examples,
    review: template.status,
    status_reason: template.status_reason,
    quality: template.quality,
  };
}

const NO_BUTTON: TemplateButtonAnswer = {
  button_type: null,
  button_text: null,
  button_value: null,
};

function renderHeader({
  header,
}: Template): Pick<TemplateAnswer, 'type' | 'url' | 'media_id' | 'filename' | 'header'> {
  const media = header && 'media' in header ? header.media : null;
  return {
    type: header?.format ?? 'text',
    url: media?.link ?? null,
    media_id: media?.id ?? null,
    filename: media?.filename ?? null,
    header: header?.format === 'text' ? header.text : null,
  };
}

const TYPES = {
  quick_reply: 'QUICK_REPLY',
  url: 'LINK',
  phone_number: 'PHONE_CALL',
  copy_code: 'COPY_CODE',
  flow: 'FLOW',
  otp: 'OTP',
} as const satisfies Record<TemplateButton['type'], string>;

function renderButton(button: TemplateButton): TemplateButtonAnswer {
  const value =
    button.type === 'url' ? button.url : button.type === 'phone_number' ? button.phoneNumber : null;
  return {
    button_type: TYPES[button.type],
    button_text: ('text' in button && button.text) || null,
    button_value: value,
  };
}
