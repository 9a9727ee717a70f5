import type { DateTime } from 'luxon';
import type { JsonObject } from './json';
import type { OutboundContent } from './message';
import type { TemplateCategory } from './template';
import type { Examples } from './templateForm';
import type { LibraryRequest } from './templateLibrary';
import type { TemplateParts } from './templateParts';

/** The present, as an argument, so that tests can choose it. */
export interface Clock {
  now(): DateTime<true>;
}

/** Encrypts provider secrets at rest (AES-256-GCM). `open` throws when the text was not sealed with this key. */
export interface SecretBox {
  seal(plain: string): string;
  open(sealed: string): string;
}

/** How a provider is reached for one sender. Secrets are in clear here and must never be logged. */
export interface ProviderSettings {
  kind: 'cloud_api' | '360dialog';
  /** Origin and optional path, without a trailing slash. */
  baseUrl: string;
  /** Graph version, for example `v24.0`; `cloud_api` only. */
  version: string | null;
  phoneNumberId: string | null;
  wabaId: string | null;
  token: string;
}

export interface MarketingRoute {
  /** Whether the provider may learn from what customers do; absent: as the account is set up. */
  activitySharing?: boolean;
}

export interface OutboundMessage {
  /** E.164 with the leading plus, or a business-scoped user id (`US.…`) where the number is hidden. */
  to: string;
  /**
   * Our own reference of this message (at most 512 characters): sent as `biz_opaque_callback_data`
   * and echoed by every status webhook, which is how a message is found again after a crash.
   */
  reference: string;
  /** The message this one answers; shown above it as a quotation. Not for reactions. */
  context?: { wamid: string };
  /** Send through the provider's API for marketing messages, which takes marketing templates alone. */
  marketing?: MarketingRoute;
  content: OutboundContent;
}

/** The provider said no with an error body, or the connection was refused before a byte left. */
export interface Rejected {
  kind: 'rejected';
  code: number;
  detail: string;
  retryAfterMs?: number;
}

/** Nobody knows what became of the request (timeout, reset, 5xx without body, an answer that says nothing). */
export interface Unknown {
  kind: 'unknown';
  detail: string;
}

/** What one POST of a message came to. `accepted` is not a delivery; `held` while the provider assesses quality. */
export type SendOutcome = { kind: 'accepted'; wamid: string; held: boolean } | Rejected | Unknown;

/** What any other request came to. */
export type CallOutcome<T = unknown> = ({ kind: 'done' } & T) | Rejected | Unknown;

/** A template as it is submitted for review. */
export interface TemplateSubmission extends TemplateParts {
  name: string;
  language: string;
  category: TemplateCategory;
  /** By variable. */
  examples: Examples;
  /** Its parts are the library's. */
  library?: LibraryRequest | null;
}

export type SubmissionOutcome =
  { kind: 'submitted'; providerTemplateId: string; status: string } | Rejected | Unknown;

/** A template as the provider lists it. */
export interface ProviderTemplate {
  providerTemplateId: string;
  name: string;
  language: string;
  /** Upper case, as in webhooks: MARKETING, UTILITY, AUTHENTICATION. */
  category: string;
  /** Upper case, as in webhooks: APPROVED, PENDING, REJECTED, PAUSED … */
  status: string;
  parameterFormat: 'positional' | 'named';
  /** In the provider's own shape. */
  components: JsonObject[];
  /** GREEN, YELLOW, RED; null while unknown. */
  quality: string | null;
  rejectedReason: string | null;
}

export interface TemplatePage {
  templates: ProviderTemplate[];
  /** Where the next page begins; null after the last. */
  next: string | null;
}

/** A file on its way to the provider. The content is read once, and must have exactly this size. */
export interface MediaUpload {
  /** Without parameters: `audio/ogg`. */
  mimeType: string;
  filename: string;
  sizeBytes: number;
  content: AsyncIterable<Uint8Array>;
}

/** A form with a file as clients of the Cloud API fill it in. The content is read once, and must have exactly this size. */
export interface UploadForm {
  /** With the boundary: `multipart/form-data; boundary=…`. */
  contentType: string;
  sizeBytes: number;
  content: AsyncIterable<Uint8Array>;
}

export interface MediaInfo {
  /** As the provider says, which may include parameters: `audio/ogg; codecs=opus`. */
  mimeType: string;
  sizeBytes: number;
  /** Hex or base64, as the provider gives it; null when it gives none. */
  sha256: string | null;
}

/** The content must be read to its end or returned early; reading fails when there is more than was allowed. */
export type DownloadOutcome =
  | { kind: 'done'; media: MediaInfo; content: AsyncIterable<Uint8Array> }
  | { kind: 'too_large'; sizeBytes: number }
  | Rejected
  | Unknown;

/** Whether messages can go out now, and what stands in the way. The worst of all that is involved. */
export interface SenderHealth {
  canSend: 'available' | 'limited' | 'blocked';
  problems: { entity: string; code: number | null; detail: string }[];
  /** GREEN, YELLOW, RED; null where the provider does not tell. */
  quality: string | null;
  /** The business name that WhatsApp shows for the number; null where the provider does not tell. */
  verifiedName: string | null;
  /** How many customers may be written to in 24 hours outside of windows (`TIER_2K` …); null where unknown. */
  messagingLimit: string | null;
}

export interface MessageSender {
  send(message: OutboundMessage): Promise<SendOutcome>;
}

/** Files, which a provider keeps for a while: 30 days what was uploaded, 7 days what customers sent. */
export interface MediaStore {
  uploadMedia(upload: MediaUpload): Promise<CallOutcome<{ mediaId: string }>>;
  /** The same for a form that is passed on as it comes, without holding it in memory. */
  uploadForm(form: UploadForm): Promise<CallOutcome<{ mediaId: string }>>;
  findMedia(mediaId: string): Promise<CallOutcome<{ media: MediaInfo }>>;
  downloadMedia(mediaId: string, limit: { maxBytes: number }): Promise<DownloadOutcome>;
  deleteMedia(mediaId: string): Promise<CallOutcome>;
}

/** A part of a file, behind what is there already. */
export interface UploadPart {
  offsetBytes: number;
  sizeBytes: number;
  mimeType: string;
  content: AsyncIterable<Uint8Array>;
}

/** `handle` comes with the last byte; before, `offsetBytes` says how many are there. */
export type UploadProgress = { handle: string } | { offsetBytes: number };

export interface TemplateStore {
  /** A file for a template's review; the handle goes into the submission and is good for about a day. */
  uploadSample(upload: MediaUpload): Promise<CallOutcome<{ handle: string }>>;
  /** The same step by step, for whoever has the file in parts. */
  openUpload(file: Omit<MediaUpload, 'content'>): Promise<CallOutcome<{ session: string }>>;
  continueUpload(
    session: string,
    part: UploadPart,
  ): Promise<CallOutcome<{ progress: UploadProgress }>>;
  findUpload(session: string): Promise<CallOutcome<{ offsetBytes: number }>>;
  submitTemplate(template: TemplateSubmission): Promise<SubmissionOutcome>;
  /** `after` is the `next` of the page before; null for the first. */
  listTemplates(after: string | null): Promise<CallOutcome<TemplatePage>>;
  /** In all languages, or the one with this id alone. */
  deleteTemplate(template: { name: string; providerTemplateId?: string }): Promise<CallOutcome>;
}

/** What a provider says of a number. */
export interface NumberStatus {
  /** E.164. */
  phone: string;
  onWhatsApp: boolean;
  type: 'individual' | 'business' | null;
  /** What its owner calls it on WhatsApp; null where the provider does not say. */
  displayName: string | null;
}

/** Of providers that can tell who is on WhatsApp without writing to them. Meta's own API cannot. */
export interface NumberDirectory {
  /** Of these numbers in E.164, those that it can tell something of. */
  checkNumbers(phones: readonly string[]): Promise<CallOutcome<{ numbers: NumberStatus[] }>>;
}

/** One sender's road to WhatsApp. Implementations hold a keep-alive pool and are closed by their owner. */
export interface Provider
  extends MessageSender, MediaStore, TemplateStore, Partial<NumberDirectory> {
  /**
   * Shows a customer's message, and those before it, as read. With `typing` the customer also sees that an answer is
   * being written: until it comes, 25 seconds at most.
   */
  markRead(wamid: string, options?: { typing?: boolean }): Promise<CallOutcome>;
  health(): Promise<CallOutcome<{ health: SenderHealth }>>;
  close(): Promise<void>;
}

export type ProviderFactory = (settings: ProviderSettings, options: ProviderOptions) => Provider;

export interface ProviderOptions {
  /** Connections kept to this provider. */
  connections: number;
  /** After this long without an answer a POST counts as unknown. */
  timeoutMs: number;
  /** Resolves names for its connections, and refuses those that lead where nobody may go; absent: as the system does. */
  lookup?: HostLookup;
}

/** As Node's `dns.lookup` with options. */
export type HostLookup = (
  hostname: string,
  options: object,
  callback: (
    error: Error | null,
    address: string | { address: string; family: number }[],
    family?: number,
  ) => void,
) => void;

/**
 * Of customer service windows. Each extension counts, one for all messages to a conversation that came together; what
 * two contacts bring along who turn out to be one does not.
 */
export type WindowEvent = 'opened' | 'extended' | 'closing_soon' | 'closed';

/**
 * What became of an attempt at a webhook's delivery: the endpoint took it, it is tried again, or it was the last one.
 * `parked`: given up without another attempt, because the endpoint is down.
 */
export type DeliveryEvent = 'delivered' | 'retried' | 'failed' | 'parked';

/** What a process counts for its operators, after the commit. A kill in between leaves it uncounted. */
export interface Meter {
  windows(event: WindowEvent, count: number): void;
  deliveries(event: DeliveryEvent, count: number): void;
}
