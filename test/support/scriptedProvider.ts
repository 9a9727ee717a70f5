import type { MessageSender, OutboundMessage, SendOutcome } from '../../domain/ports';

/** A provider whose answers the test chooses; remembers every POST. */
export class ScriptedProvider implements MessageSender {
  readonly posts: OutboundMessage[] = [];
  readonly postedAt: number[] = [];

  constructor(
    private readonly answer: (message: OutboundMessage) => Promise<SendOutcome> | SendOutcome,
  ) {}

  async send(message: OutboundMessage): Promise<SendOutcome> {
    this.posts.push(message);
    this.postedAt.push(performance.now());
    return this.answer(message);
  }
}

export const accepted = (message: OutboundMessage): SendOutcome => ({
  kind: 'accepted',
  wamid: `wamid.${message.reference}`,
  held: false,
});
