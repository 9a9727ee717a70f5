import type { ColumnType, Generated, Selectable } from 'kysely';
import type { TemplateCategory, TemplateQuality, TemplateStatus } from '../../domain/template';
import type { LibraryRequest } from '../../domain/templateLibrary';
import type { TemplateButton, TemplateCard, TemplateHeader } from '../../domain/templateParts';
import type { CreatedAt, MaybeInstant } from './columns';

export interface TemplatesTable {
  id: Generated<string>;
  account_id: string;
  sender_id: string | null;
  name: string;
  language: Generated<string>;
  channel: string;
  category: TemplateCategory;
  status: TemplateStatus;
  status_reason: string | null;
  body: string;
  header: ColumnType<TemplateHeader | null, string | null | undefined, string | null>;
  footer: string | null;
  buttons: ColumnType<TemplateButton[], string | undefined, string>;
  cards: ColumnType<TemplateCard[], string | undefined, string>;
  /** What it takes from the provider's library, in place of parts of its own. */
  library: ColumnType<LibraryRequest | null, string | null | undefined, never>;
  parameter_format: 'positional' | 'named';
  /** Names of the values that a message brings: the body's, the header's, the buttons', the cards'. */
  placeholders: string[];
  /** What the reviewer gets to see for a placeholder, where the author gave it. */
  examples: ColumnType<Record<string, string>, string | undefined, string>;
  quality: TemplateQuality | null;
  /** By the provider's clock: older news of its status are ignored. */
  status_at: MaybeInstant;
  provider_template_id: string | null;
  submitted_at: MaybeInstant;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
  /** When the provider was told of the deletion. */
  withdrawn_at: MaybeInstant;
  /** When the provider is told again of what it could not be told. */
  next_try_at: MaybeInstant;
}

export type Template = Selectable<TemplatesTable>;
