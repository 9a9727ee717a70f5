/** A message of a customer, as it was told by webhook. */
export interface ReceivedMessage {
  /** 1 for the first since the start or the last reset. */
  sequence: number;
  id: string;
  phoneNumberId: string;
  user: string;
  profileName: string;
  /** Milliseconds since the epoch, by the simulator's clock. */
  at: number;
  message: Readonly<Record<string, unknown>>;
  /** The business marked it as read. */
  read: boolean;
}

/** Messages that are kept; enough to develop against. */
const KEPT = 20_000;

/** What customers wrote, so that read marks, reactions and the chat page find it again. */
export class Inbox {
  private readonly byId = new Map<string, ReceivedMessage>();
  /** By number and user: until when the business shows that it is writing (milliseconds since the epoch). */
  private readonly typing = new Map<string, number>();
  /** By number and user: the name they go by. */
  private readonly names = new Map<string, string>();
  private received = 0;

  add(message: Omit<ReceivedMessage, 'sequence' | 'read'>): void {
    this.received += 1;
    this.byId.set(message.id, { ...message, sequence: this.received, read: false });
    this.names.set(`${message.phoneNumberId} ${message.user}`, message.profileName);
    for (const id of this.byId.keys()) {
      if (this.byId.size <= KEPT) break;
      this.byId.delete(id);
    }
  }

  nameOf(phoneNumberId: string, user: string): string | undefined {
    return this.names.get(`${phoneNumberId} ${user}`);
  }

  find(id: string): ReceivedMessage | undefined {
    return this.byId.get(id);
  }

  /** Of one number, or all. */
  all(phoneNumberId: string | null = null): ReceivedMessage[] {
    const messages = [...this.byId.values()];
    return phoneNumberId === null
      ? messages
      : messages.filter((message) => message.phoneNumberId === phoneNumberId);
  }

  /** Marks a message as read, and with it those before it in the conversation. */
  markRead(read: ReceivedMessage): void {
    for (const message of this.byId.values())
      if (
        message.phoneNumberId === read.phoneNumberId &&
        message.user === read.user &&
        message.sequence <= read.sequence
      )
        message.read = true;
  }

  showTyping({ phoneNumberId, user }: ReceivedMessage, until: number): void {
    this.typing.set(`${phoneNumberId} ${user}`, until);
  }

  isTyping(phoneNumberId: string, user: string, now: number): boolean {
    return now < (this.typing.get(`${phoneNumberId} ${user}`) ?? 0);
  }

  /** A message of the business ends its typing. */
  stopTyping(phoneNumberId: string, user: string): void {
    this.typing.delete(`${phoneNumberId} ${user}`);
  }
}
