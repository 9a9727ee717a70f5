/**
 * What a business can say, and how far a message has come. Pure: shared by the sending code, the
 * provider adapters and the dialects. Shapes follow the Cloud API (`/messages`), names follow TypeScript.
 */

/** A parameter of a template component. `name` is set only for templates with named parameters. */
export type TemplateParameter =
  | { type: 'text'; text: string; name?: string }
  | { type: 'payload'; payload: string }
  | { type: 'image' | 'video' | 'document'; link?: string; id?: string; filename?: string };

export interface TemplateComponent {
  type: 'header' | 'body' | 'button';
  subType?: 'url' | 'quick_reply';
  /** Zero-based position of a button. */
  index?: number;
  parameters: TemplateParameter[];
}

export interface TemplateContent {
  type: 'template';
  name: string;
  /** Language and locale code, for example `en_US`. */
  language: string;
  components: TemplateComponent[];
}

export interface TextContent {
  type: 'text';
  body: string;
  previewUrl?: boolean;
}

/** Exactly one of `link` (https) and `id` (uploaded media) is set. */
export interface MediaContent {
  type: 'image' | 'video' | 'audio' | 'document';
  link?: string;
  id?: string;
  caption?: string;
  filename?: string;
}

export type OutboundContent = TemplateContent | TextContent | MediaContent;

/** Statuses a provider reports for an outbound message. */
export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed';
