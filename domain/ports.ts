import type { DateTime } from 'luxon';
import type { OutboundContent } from './message';

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
  content: OutboundContent;
}

/**
 * What one POST to a provider came to.
 * - `accepted`: the provider took the message (which is not a delivery); `held` while it assesses quality.
 * - `rejected`: the provider said no with an error body, or the connection was refused before a byte left.
 * - `unknown`: the message may or may not have gone out (timeout, reset, 5xx without body, 2xx without wamid).
 */
export type SendOutcome =
  | { kind: 'accepted'; wamid: string; held: boolean }
  | { kind: 'rejected'; code: number; detail: string; retryAfterMs?: number }
  | { kind: 'unknown'; detail: string };

/** A template as it is submitted for review. */
export interface TemplateSubmission {
  name: string;
  language: string;
  category: 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';
  body: string;
  parameterFormat: 'positional' | 'named';
  /** One example value per placeholder, in order of appearance. */
  examples: { name: string; value: string }[];
}

export type SubmissionOutcome =
  | { kind: 'submitted'; providerTemplateId: string; status: string }
  | { kind: 'rejected'; code: number; detail: string }
  | { kind: 'unknown'; detail: string };

/** One sender's road to WhatsApp. Implementations hold a keep-alive pool and are closed by their owner. */
export interface Provider {
  send(message: OutboundMessage): Promise<SendOutcome>;
  submitTemplate(template: TemplateSubmission): Promise<SubmissionOutcome>;
  close(): Promise<void>;
}

export type ProviderFactory = (settings: ProviderSettings, options: ProviderOptions) => Provider;

export interface ProviderOptions {
  /** Connections kept to this provider. */
  connections: number;
  /** After this long without an answer a POST counts as unknown. */
  timeoutMs: number;
}
