import type { OutboundContent, TemplateComponent } from '../domain/message';
import type { SimulatedNumber } from './config';
import type { GraphError } from './graphError';
import type { World } from './world';

interface MediaUse {
  /** What the file is used as. */
  type: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  id?: string;
  link?: string;
  /** Where it stands in the request, as Graph names it. */
  parameter: string;
}

/** An id that this number's account does not have: Graph refuses it at once. */
export function unknownMedia(
  world: World,
  { wabaId }: SimulatedNumber,
  content: OutboundContent,
): GraphError | null {
  for (const { id, parameter } of mediaUses(content)) {
    if (id === undefined || world.media.find(id, world.now())?.wabaId === wabaId) continue;
    return {
      code: 100,
      message: `(#100) Param ${parameter}['id'] is not a valid whatsapp business account media attachment ID`,
    };
  }
  return null;
}

/** Of the types that may be sent as something else than their name says. */
const TYPES: Partial<Record<MediaUse['type'], (mimeType: string) => boolean>> = {
  sticker: (mimeType) => mimeType === 'image/webp',
  image: (mimeType) => mimeType === 'image/jpeg' || mimeType === 'image/png',
  document: () => true,
};

/**
 * Media that turn out to be unusable after the message was accepted: files of another type, and links that cannot be
 * fetched. Nothing is fetched here: hosts that can never be found (`.invalid`) stand for all of these.
 */
export function mediaFailure(world: World, content: OutboundContent): number | null {
  const unusable = mediaUses(content).some(({ type, id, link }) => {
    if (link !== undefined) return isUnreachable(link);
    const [mimeType = ''] = world.media.find(id ?? '', world.now())?.mimeType.split(';') ?? [];
    return !(TYPES[type]?.(mimeType) ?? mimeType.startsWith(`${type}/`));
  });
  return unusable ? 131053 : null;
}

function isUnreachable(link: string): boolean {
  return !URL.canParse(link) || new URL(link).hostname.endsWith('.invalid');
}

function mediaUses(content: OutboundContent): MediaUse[] {
  switch (content.type) {
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return [{ ...content, parameter: content.type }];
    case 'interactive': {
      const { header } = content;
      if (header === undefined || header.type === 'text') return [];
      return [{ ...header, parameter: `interactive['header']['${header.type}']` }];
    }
    case 'template':
      return componentUses(content.components, "template['components']");
    default:
      return [];
  }
}

function componentUses(components: readonly TemplateComponent[], where: string): MediaUse[] {
  return components.flatMap((component, index): MediaUse[] => {
    const place = `${where}[${index}]`;
    if (component.type === 'carousel')
      return component.cards.flatMap(({ components: inner }, card) =>
        componentUses(inner, `${place}['cards'][${card}]['components']`),
      );
    return component.parameters.flatMap((parameter, position) =>
      parameter.type === 'image' || parameter.type === 'video' || parameter.type === 'document'
        ? [{ ...parameter, parameter: `${place}['parameters'][${position}]['${parameter.type}']` }]
        : [],
    );
  });
}
