import type { JsonObject } from './json';

/**
 * What a business can say, and how far a message has come. Pure: shared by the sending code, the
 * provider adapters and the dialects. Shapes follow the Cloud API (`/messages`), names follow TypeScript.
 * Content is plain JSON, so that it can be stored as it is; `wire/content.ts` reads it back.
 */
export type OutboundContent =
  | TemplateContent
  | TextContent
  | MediaContent
  | LocationContent
  | ContactsContent
  | InteractiveContent
  | ReactionContent;

export type ContentType = OutboundContent['type'];

/** The only content that may go out while the customer service window is closed. */
export interface TemplateContent {
  type: 'template';
  name: string;
  /** Language and locale code, for example `en_US`. */
  language: string;
  components: TemplateComponent[];
}

/** What fills a template when it is sent: one component per part of the template that has something to fill. */
export type TemplateComponent =
  | { type: 'header' | 'body' | 'limited_time_offer'; parameters: TemplateParameter[] }
  | {
      type: 'button';
      subType: TemplateButtonType;
      /** Zero-based position of the button. */
      index: number;
      parameters: TemplateParameter[];
    }
  | { type: 'carousel'; cards: TemplateCard[] };

/** Buttons with something to fill: `mpm` shows products of several kinds, `catalog` all of them. */
export type TemplateButtonType = 'url' | 'quick_reply' | 'copy_code' | 'flow' | 'catalog' | 'mpm';

export interface TemplateCard {
  /** Zero-based position of the card. */
  index: number;
  components: TemplateComponent[];
}

/** A value of a template component. `name` is set only for templates with named parameters. */
export type TemplateParameter =
  | { type: 'text'; text: string; name?: string }
  /** `amount1000` is the amount times 1,000; `fallback` is shown where it cannot be formatted. */
  | { type: 'currency'; fallback: string; code: string; amount1000: number; name?: string }
  | { type: 'date_time'; fallback: string; name?: string }
  | ({ type: 'image' | 'video' | 'document'; filename?: string } & MediaSource)
  | ({ type: 'location' } & Place)
  | { type: 'product'; productId: string; catalogId?: string }
  /** Of a `quick_reply` button; comes back when it is tapped. */
  | { type: 'payload'; payload: string }
  /** Of a `copy_code` button. */
  | { type: 'coupon_code'; code: string }
  /** Of a `flow` button. */
  | { type: 'flow'; token?: string; data?: JsonObject }
  /** Of a `catalog` button. */
  | { type: 'catalog'; thumbnailProductId: string }
  /** Of an `mpm` button. */
  | { type: 'product_list'; thumbnailProductId: string; sections: ProductSection[] }
  /** When the offer ends, in milliseconds since the epoch. */
  | { type: 'limited_time_offer'; expiresAtMs: number };

export interface TextContent {
  type: 'text';
  body: string;
  /** Shows a preview of the first link; absent means no. */
  previewUrl?: boolean;
}

/** Exactly one of `link` (which the provider fetches) and `id` (media uploaded to it) is set. */
export interface MediaSource {
  link?: string;
  id?: string;
}

export interface ImageContent extends MediaSource {
  type: 'image';
  caption?: string;
}

export interface VideoContent extends MediaSource {
  type: 'video';
  caption?: string;
}

export interface AudioContent extends MediaSource {
  type: 'audio';
  /** A voice message: Ogg with Opus, mono. The provider then tells when it was played. */
  voice?: boolean;
}

export interface DocumentContent extends MediaSource {
  type: 'document';
  caption?: string;
  filename?: string;
}

export interface StickerContent extends MediaSource {
  type: 'sticker';
}

export type MediaContent =
  ImageContent | VideoContent | AudioContent | DocumentContent | StickerContent;

export interface Place {
  /** Degrees. */
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
}

export interface LocationContent extends Place {
  type: 'location';
}

export interface ContactsContent {
  type: 'contacts';
  contacts: ContactCard[];
}

/** A card of somebody's address book. The `type` of its parts is free text such as HOME or WORK. */
export interface ContactCard {
  name: {
    formattedName: string;
    firstName?: string;
    middleName?: string;
    lastName?: string;
    prefix?: string;
    suffix?: string;
  };
  /** With `waId` the card offers to write to that number on WhatsApp. */
  phones?: { phone: string; type?: string; waId?: string }[];
  emails?: { email: string; type?: string }[];
  urls?: { url: string; type?: string }[];
  addresses?: {
    street?: string;
    city?: string;
    state?: string;
    zip?: string;
    country?: string;
    countryCode?: string;
    type?: string;
  }[];
  org?: { company?: string; department?: string; title?: string };
  /** `YYYY-MM-DD`. */
  birthday?: string;
}

/** Reports nothing beyond `sent`, and cannot answer a message (`context`): it names its own. */
export interface ReactionContent {
  type: 'reaction';
  /** The customer's message. */
  wamid: string;
  /** One emoji; empty takes the reaction back. */
  emoji: string;
}

export interface InteractiveContent {
  type: 'interactive';
  header?: InteractiveHeader;
  /** Required by every action except `product`. */
  body?: string;
  footer?: string;
  action: InteractiveAction;
}

export type InteractiveHeader =
  | { type: 'text'; text: string }
  | ({ type: 'image' | 'video' } & MediaSource)
  | ({ type: 'document'; filename?: string } & MediaSource);

/** What the customer can do with an interactive message. */
export type InteractiveAction =
  | { type: 'buttons'; buttons: { id: string; title: string }[] }
  | { type: 'list'; button: string; sections: ListSection[] }
  | { type: 'cta_url'; displayText: string; url: string }
  | FlowAction
  | { type: 'location_request' }
  /** Asks for the number of a customer who is known by a business-scoped id alone. */
  | { type: 'contact_request' }
  | { type: 'product'; catalogId: string; productId: string }
  | { type: 'product_list'; catalogId: string; sections: ProductSection[] }
  | { type: 'catalog'; thumbnailProductId?: string }
  | AddressAction;

export type InteractiveActionType = InteractiveAction['type'];

export interface ListSection {
  /** Required as soon as there is a second section. */
  title?: string;
  rows: { id: string; title: string; description?: string }[];
}

/** `productIds` are the retailer's own ids in the catalog. */
export interface ProductSection {
  title: string;
  productIds: string[];
}

/** Exactly one of `flowId` and `flowName` is set. */
export interface FlowAction {
  type: 'flow';
  flowId?: string;
  flowName?: string;
  /** Text of the button that opens the flow. */
  cta: string;
  /** Comes back with the customer's answers. */
  token?: string;
  mode?: 'draft' | 'published';
  action?: 'navigate' | 'data_exchange';
  /** Where to begin, for `navigate`. */
  payload?: { screen: string; data?: JsonObject };
}

/** A form for a delivery address; WhatsApp offers it in India and Singapore. */
export interface AddressAction {
  type: 'address';
  /** ISO code of the country. */
  country: string;
  /** What is known already, by field (`name`, `phone_number`, `in_pin_code` …). */
  values?: Record<string, string>;
  savedAddresses?: { id: string; value: Record<string, string> }[];
  /** Why the last answer was refused, by field. */
  validationErrors?: Record<string, string>;
}

/** Statuses a provider reports for an outbound message. */
export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed';
