import { isIP } from 'node:net';
import { DomainError } from '../domain/errors';
import { mediaLinks, mediaProblem, type MediaLink } from '../domain/mediaLink';
import type { OutboundContent } from '../domain/message';
import type { Clock } from '../domain/ports';
import type { OutboundClient } from '../outbound/client';
import { isPublicAddress, type UrlGuard } from '../outbound/guard';
import { askForMedia, type MediaAnswer } from './mediaRequest';

export interface MediaCheckDeps {
  clock: Clock;
  outbound: OutboundClient;
  urlGuard: UrlGuard;
  /** Development only: a machine that resolves no names cannot tell whether a link is good, and lets it pass. */
  passUnresolved: boolean;
}

/** A campaign's worth of messages shows the same few files: what is known of them holds for so long (milliseconds). */
const GOOD_FOR_MS = 5 * 60_000;
/** Who mends a file does not want to wait for us to look again. */
const BAD_FOR_MS = 20_000;
/** Links remembered at most; beyond that the oldest are forgotten. */
const MOST_REMEMBERED = 10_000;

interface Remembered {
  askedAt: number;
  answer: Promise<MediaAnswer>;
  /** Until the answer is there it counts as good: whoever asks meanwhile waits for it. */
  holdsMs: number;
}

/** Looks at media links before a message goes out, because a provider tells of bad ones only afterwards. */
export class MediaChecks {
  private readonly known = new Map<string, Remembered>();

  constructor(private readonly deps: MediaCheckDeps) {}

  /** Throws `message_media_invalid` for the first link that WhatsApp could not show. */
  async check(content: OutboundContent): Promise<void> {
    for (const link of mediaLinks(content)) {
      const problem = await this.problemOf(link);
      if (problem === null) continue;
      throw new DomainError('message_media_invalid', `The ${link.kind} ${problem}.`);
    }
  }

  /** As the end of a sentence. */
  private async problemOf({ kind, link }: MediaLink): Promise<string | null> {
    const bad = this.deps.urlGuard.problemOf(link) ?? unsafe(link);
    if (bad !== null) return `link ${bad}`;
    const answer = await this.ask(link);
    if (answer.kind === 'found') return mediaProblem(kind, answer.facts);
    if (answer.kind === 'unresolved' && this.deps.passUnresolved && !isNeverFound(link))
      return null;
    return answer.problem;
  }

  private ask(link: string): Promise<MediaAnswer> {
    const now = this.deps.clock.now().toMillis();
    const known = this.known.get(link);
    if (known && now < known.askedAt + known.holdsMs) return known.answer;
    const answer = askForMedia(this.deps.outbound, link);
    const asked: Remembered = { askedAt: now, answer, holdsMs: GOOD_FOR_MS };
    void answer.then(({ kind }) => {
      if (kind !== 'found') asked.holdsMs = BAD_FOR_MS;
    });
    this.remember(link, asked);
    return answer;
  }

  private remember(link: string, asked: Remembered): void {
    this.known.delete(link);
    this.known.set(link, asked);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_REMEMBERED && oldest !== undefined) this.known.delete(oldest);
  }
}

/** Where http is allowed at all, it is for servers of the developer's own network. */
function unsafe(link: string): string | null {
  const { protocol, hostname } = new URL(link);
  const address = hostname.replace(/^\[|\]$/g, '');
  const own = hostname === 'localhost' || (isIP(address) !== 0 && !isPublicAddress(address));
  return protocol === 'https:' || own ? null : 'must be an https address';
}

/** A name that nobody can ever have (RFC 6761). */
function isNeverFound(link: string): boolean {
  return new URL(link).hostname.endsWith('.invalid');
}
