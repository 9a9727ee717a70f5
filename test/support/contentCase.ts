import type { OutboundContent } from '../../domain/message';

/** One message of every kind, with the Cloud API's JSON for it. Everything optional is filled at least once. */
export interface ContentCase {
  name: string;
  content: OutboundContent;
  /** What goes out under the key of the content's type. */
  wire: unknown;
  /** Of a template: the components it was made of. */
  template?: object[];
}
