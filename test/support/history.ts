import { temporal } from '@temporalio/proto';

/** A workflow's history, as Temporal's client gives it. */
export type History = temporal.api.history.v1.IHistory;

const { History: message } = temporal.api.history.v1;

/** As JSON text. The SDK's own function for it wants another protobufjs than the one its messages are made with. */
export function writeHistory(history: History): string {
  const plain = message.toObject(message.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  });
  return `${JSON.stringify(plain, null, 1)}\n`;
}

export function readHistory(text: string): History {
  return message.fromObject(JSON.parse(text));
}
