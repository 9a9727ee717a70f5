import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Where zod leaves the schemas that have an id, and where OpenAPI has them. */
const DEFINED = '#/$defs/';
const COMPONENT = '#/components/schemas/';

/**
 * Prints zod schemas as JSON Schema 2020-12, which is what OpenAPI 3.1 takes. A schema with an id (`.meta({ id })`)
 * becomes a component. Its id stands for one shape, so it belongs to answers or to requests, not to both.
 */
export class SchemaPrinter {
  readonly components: Record<string, JsonSchema> = {};

  /** `input` is what a client may send, `output` what it gets. */
  print(schema: z.core.$ZodType, io: 'input' | 'output'): JsonSchema {
    const printed = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: tidy });
    const { $schema: _, $defs, ...rest } = relocated(printed);
    for (const [id, definition] of Object.entries($defs ?? {})) this.define(id, definition);
    return rest;
  }

  private define(id: string, definition: JsonSchema): void {
    const known = this.components[id];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`Two different schemas have the id ${id}.`);
    }
    this.components[id] = definition;
  }
}

/** Zod bounds every integer by what JavaScript can count; no reader needs to be told. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

type Printed = JsonSchema & { $defs?: Record<string, JsonSchema> };

/** The same with its references pointing to where OpenAPI keeps components. */
function relocated(schema: object): Printed {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(DEFINED, COMPONENT) : value,
  );
}
