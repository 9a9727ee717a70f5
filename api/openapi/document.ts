import { z } from 'zod';
import manifest from '../../package.json';
import type { ApiCode, ErrorEntry } from '../errors';
import { commonErrors, type Body, type DescribedApi, type TaggedOperation } from './operation';
import { SchemaPrinter, type JsonSchema } from './schema';

export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, object> };
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters: ParameterObject[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, ResponseObject>;
}

export interface ParameterObject {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Content;
}

type Content = Record<string, { schema: JsonSchema }>;

/** The OpenAPI 3.1 document of all APIs, printed from their operations. `url` is where they are served. */
export function openApiDocument(apis: readonly DescribedApi[], url: string): OpenApiDocument {
  const printer = new SchemaPrinter();
  const paths: OpenApiDocument['paths'] = {};
  const tags = new Set<string>();
  for (const api of apis) {
    for (const [route, operation] of Object.entries(api.operations)) {
      const [method = '', path = ''] = route.split(' ');
      const item = (paths[templateOf(path)] ??= {});
      item[method.toLowerCase()] = operationObject(printer, api, path, operation);
      tags.add(chapterOf(api, operation));
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Casement', version: manifest.version, description: manifest.description },
    servers: [{ url }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: { schemas: printer.components, securitySchemes: securitySchemes(apis) },
  };
}

/** `/v1/campaigns/:id` as OpenAPI writes it: `/v1/campaigns/{id}`. A colon of the path itself is escaped: `\:`. */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replaceAll('\\', '');
}

function securitySchemes(apis: readonly DescribedApi[]): Record<string, object> {
  return Object.fromEntries(
    apis.flatMap(({ name, security }) => (security === undefined ? [] : [[name, security]])),
  );
}

function operationObject(
  printer: SchemaPrinter,
  api: DescribedApi,
  path: string,
  operation: TaggedOperation,
): OperationObject {
  const { summary, description, scope, body } = operation;
  return {
    operationId: `${api.name}${camelCase(summary)}`,
    tags: [chapterOf(api, operation)],
    summary,
    ...(description !== undefined && { description }),
    security: scope === undefined ? [] : [{ [api.name]: [scope] }],
    parameters: parametersOf(printer, path, operation),
    ...(body && {
      requestBody: { required: body.optional !== true, content: contentOf(printer, body, 'input') },
    }),
    responses: { ...answersOf(printer, operation), ...refusalsOf(printer, api, operation) },
  };
}

/** APIs have chapters of the same name. */
function chapterOf({ name }: DescribedApi, { tag }: TaggedOperation): string {
  return `${capitalized(name)}: ${tag}`;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Without articles: `Get a campaign` becomes `GetCampaign`. */
function camelCase(text: string): string {
  const words = text.replace(/\b(a|an|the) /gi, '').split(/[^A-Za-z0-9]+/);
  return words.map(capitalized).join('');
}

const IDEMPOTENCY_KEY: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A repeated request with the same key, path and body gets the first answer again for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~][ -~]*$' },
};

const ID = z.guid();

function parametersOf(
  printer: SchemaPrinter,
  path: string,
  { params, query, idempotent }: TaggedOperation,
): ParameterObject[] {
  const described = params?.shape ?? {};
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    return {
      name,
      in: 'path' as const,
      ...parameter(printer, described[name] ?? ID),
      required: true,
    };
  });
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    return { name, in: 'query' as const, ...parameter(printer, schema) };
  });
  return [...inPath, ...inQuery, ...(idempotent ? [IDEMPOTENCY_KEY] : [])];
}

function parameter(printer: SchemaPrinter, schema: z.core.$ZodType) {
  const { description, ...printed } = printer.print(schema, 'input');
  return {
    required: schema._zod.optin !== 'optional',
    ...(typeof description === 'string' && { description }),
    schema: printed,
  };
}

function contentOf(printer: SchemaPrinter, body: Body, io: 'input' | 'output'): Content {
  return Object.fromEntries(
    Object.entries(body.content).map(([type, schema]) => [
      type,
      { schema: printer.print(schema, io) },
    ]),
  );
}

const PHRASES: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'Done; the body is empty',
};

function answersOf(
  printer: SchemaPrinter,
  { answers }: TaggedOperation,
): Record<string, ResponseObject> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, body]) => {
      const description = body.description ?? PHRASES[status] ?? `Status ${status}`;
      const content = contentOf(printer, body, 'output');
      return [status, { description, ...(Object.keys(content).length > 0 && { content }) }];
    }),
  );
}

const RETRY_AFTER = {
  description: 'Seconds until another request may pass.',
  schema: { type: 'integer', minimum: 0 },
};

/** The errors of an operation by status, each status with the codes and texts it stands for. */
function refusalsOf(
  printer: SchemaPrinter,
  api: DescribedApi,
  operation: TaggedOperation,
): Record<string, ResponseObject> {
  const codes: ApiCode[] = [
    ...commonErrors(operation),
    ...(operation.errors ?? []),
    'internal_error',
  ];
  const entries = codes.map((code): ErrorEntry => api.errors[code]);
  const statuses = [...new Set(entries.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const refusals = entries.filter((entry) => entry.status === status);
      return [String(status), refusalOf(printer, api, status, refusals)];
    }),
  );
}

function refusalOf(
  printer: SchemaPrinter,
  api: DescribedApi,
  status: number,
  refusals: readonly ErrorEntry[],
): ResponseObject {
  const lines = refusals.map(({ code, text }) => `\`${code}\`${text ? ` ${text}` : ''}`);
  const schema = api.errorBody([...new Set(refusals.map(({ code }) => code))]);
  return {
    description: [...new Set(lines)].join('\n\n'),
    ...(status === 429 && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: { 'application/json': { schema: printer.print(schema, 'output') } },
  };
}
