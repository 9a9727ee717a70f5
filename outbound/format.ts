import type { EventDetail, EventKind } from '../domain/event';

/** What a signature covers besides the secret. */
export interface Signing {
  secret: string;
  /** The body exactly as it is sent. */
  body: string;
  /** When this attempt is made, and which one it is, from 1. */
  at: Date;
  attempt: number;
  eventId: string;
  /** The format's word for the event. */
  event: string;
}

/**
 * How one vendor's customers expect to be called. A format translates; it never decides what is sent or when. The body is
 * the same at each attempt; headers may tell the time of the attempt.
 */
export interface WebhookFormat {
  /** Its words for what can be listened to, each with the kinds it stands for. */
  events: Readonly<Record<string, readonly EventKind[]>>;
  /** What an endpoint listens to that does not say. */
  defaultEvents: readonly string[];
  newSecret(): string;
  /** The word that a receiver sees for this kind. */
  nameOf(kind: EventKind): string;
  render(event: EventDetail): object;
  /** The body as it is sent and signed; absent: plain JSON. */
  print?(body: object): string;
  headers(signing: Signing): Record<string, string>;
  /** Milliseconds from failed attempt number `attempts` (1 and up) to the next; null: that was the last. */
  delayAfter: (attempts: number) => number | null;
  /** The only status that counts as taken; absent: any from 200 to 299. */
  takenBy?: number;
  /** How long an answer is waited for, where that is less than usual (milliseconds). */
  timeoutMs?: number;
}

/** The delays one after the other; then the last for ever if it `repeats`. */
export function series(delays: readonly number[], repeats: boolean) {
  return (attempts: number): number | null =>
    delays[attempts - 1] ?? (repeats ? (delays.at(-1) ?? null) : null);
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
