import { judgeAttempt, type Verdict } from '../domain/attempt';
import type { OutboundContent } from '../domain/message';
import type { Clock, OutboundMessage, SendOutcome } from '../domain/ports';
import { formatReference } from '../domain/reference';
import { takeTurn, type Claim, type Claimed, type Lane } from '../db/ledger';
import type { ActivityDeps } from './deps';
import type { MessageQueue, Outcome } from './dispatch';

/** What a lane of a campaign claims: a range of positions, or whoever is due again. */
export type CampaignSource = { kind: 'positions'; from: number; to: number } | { kind: 'due' };

/** A campaign's recipients, claimed from its send ledger. */
export class CampaignQueue implements MessageQueue<Claimed> {
  exhausted = false;
  /** Positions before this one have been claimed. */
  next: number;

  constructor(
    private readonly deps: Pick<ActivityDeps, 'pool' | 'clock'>,
    private readonly lane: Lane,
    private readonly source: CampaignSource,
    private readonly contentFor: (recipient: Claimed) => OutboundContent,
  ) {
    this.next = source.kind === 'positions' ? source.from : 0;
  }

  due(most: number): number {
    return this.source.kind === 'positions' ? Math.min(most, this.source.to - this.next) : most;
  }

  /** Never asked to: recipients are due until the queue is exhausted. */
  waitForNews(): Promise<void> {
    return Promise.resolve();
  }

  async turn(outcomes: readonly Outcome<Claimed>[], limit: number) {
    const turn = await takeTurn(this.deps.pool, this.lane, entries(outcomes), this.claim(limit));
    if (turn.open) this.advance(limit, turn.claimed.length + turn.skipped);
    return turn;
  }

  async record(outcomes: readonly Outcome<Claimed>[]): Promise<void> {
    await takeTurn(this.deps.pool, this.lane, entries(outcomes), { kind: 'nothing' });
  }

  compose(recipient: Claimed): OutboundMessage {
    return {
      to: recipient.phone,
      reference: formatReference(this.lane.campaignId, recipient.position),
      content: this.contentFor(recipient),
    };
  }

  judge(outcome: SendOutcome, recipient: Claimed): Verdict {
    const clock: Clock = this.deps.clock;
    return judgeAttempt(outcome, recipient, clock, Math.random);
  }

  private claim(limit: number): Claim {
    const { source } = this;
    if (source.kind === 'due') return { kind: 'due', limit };
    return { kind: 'positions', from: this.next, to: Math.min(source.to, this.next + limit) };
  }

  private advance(wanted: number, touched: number): void {
    if (this.source.kind === 'due') {
      this.exhausted = touched === 0;
      return;
    }
    this.next = Math.min(this.source.to, this.next + wanted);
    this.exhausted = this.next >= this.source.to;
  }
}

function entries(outcomes: readonly Outcome<Claimed>[]) {
  return outcomes.map(({ message, verdict }) => ({ position: message.position, verdict }));
}
