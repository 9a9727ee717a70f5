import Ajv2020 from 'ajv/dist/2020';
import { describedApis } from '../../api/app';
import {
  openApiDocument,
  type OpenApiDocument,
  type OperationObject,
} from '../../api/openapi/document';

/** One request to the API with its answer; bodies as parsed JSON, or text. */
export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  sent: unknown;
  status: number;
  type: string | null;
  body: unknown;
}

const DOCUMENT = 'openapi.json';
/** What a path or a method that is not in the document may be answered with. */
const ELSEWHERE = [400, 401, 404, 405, 429];

let held: { document: OpenApiDocument; ajv: Ajv2020 } | undefined;

/** The document and its validator, made once per test file. */
function reference() {
  if (held === undefined) {
    const document = openApiDocument(describedApis(), 'https://casement.example');
    const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
    ajv.addSchema(document, DOCUMENT);
    held = { document, ajv };
  }
  return held;
}

/**
 * Throws unless the exchange is as the OpenAPI document says: the status is declared, the body fits its schema, and
 * a JSON body that was accepted fits what the document asks for.
 */
export function expectDescribed(exchange: Exchange): void {
  const { method, status } = exchange;
  const found = operationOf(method, exchange.path.split('?')[0] ?? '');
  if (found === undefined) {
    if (!ELSEWHERE.includes(status)) throw violation(exchange, 'is not in the OpenAPI document');
    return;
  }
  const at = ['paths', found.path, method.toLowerCase()];
  const answer = found.operation.responses[String(status)];
  if (answer === undefined) throw violation(exchange, 'has a status that is not declared');
  expectAnswer(exchange, [...at, 'responses', String(status)], Object.keys(answer.content ?? {}));
  const asked = found.operation.requestBody?.content ?? {};
  if (status < 300 && 'application/json' in asked && exchange.sent !== undefined) {
    const place = [...at, 'requestBody', 'content', 'application/json', 'schema'];
    const problem = problemOf(place, exchange.sent);
    if (problem) throw violation(exchange, `was accepted, but the document refuses it: ${problem}`);
  }
}

function expectAnswer(exchange: Exchange, at: string[], types: string[]): void {
  const type = exchange.type?.split(';')[0] ?? null;
  if (types.length === 0) {
    if (exchange.body !== '') throw violation(exchange, 'should have an empty body');
    return;
  }
  if (type === null || !types.includes(type)) throw violation(exchange, `has the type ${type}`);
  const problem = problemOf([...at, 'content', type, 'schema'], exchange.body);
  if (problem) throw violation(exchange, `does not fit its schema: ${problem}`);
}

function problemOf(place: string[], value: unknown): string | null {
  const { ajv } = reference();
  const pointer = place.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  const validate = ajv.getSchema(`${DOCUMENT}#/${encodeURI(pointer)}`);
  if (validate === undefined) throw new Error(`There is no schema at ${pointer}.`);
  return validate(value) === true ? null : ajv.errorsText(validate.errors);
}

function violation({ method, path, status, body }: Exchange, problem: string): Error {
  const shown = typeof body === 'string' ? body : JSON.stringify(body);
  return new Error(`${method} ${path}: the answer ${status} ${problem}.\n${shown.slice(0, 2000)}`);
}

/** The operation that a path belongs to; a literal segment wins over a parameter. */
function operationOf(
  method: string,
  path: string,
): { path: string; operation: OperationObject } | undefined {
  const candidates = Object.entries(reference().document.paths).flatMap(([template, item]) => {
    const operation = item[method.toLowerCase()];
    return operation && matches(template, operation, path) ? [{ path: template, operation }] : [];
  });
  return candidates.toSorted((a, b) => parametersIn(a.path) - parametersIn(b.path))[0];
}

function matches(template: string, operation: OperationObject, path: string): boolean {
  // As Express does it: a slash at the end means nothing.
  const segments = path.replace(/(.)\/$/, '$1').split('/');
  const wanted = template.split('/');
  return (
    segments.length === wanted.length &&
    wanted.every((part, index) => isSegment(part, operation, segments[index]!))
  );
}

/** A parameter may have a literal before it: `upload:{session}`. */
function isSegment(part: string, operation: OperationObject, segment: string): boolean {
  const [, literal = '', name] = /^([^{]*)\{(\w+)\}$/.exec(part) ?? [];
  if (name === undefined) return part === segment;
  const value = segment.slice(literal.length);
  return segment.startsWith(literal) && patternOf(operation, name).test(value);
}

/** Paths that look alike are told apart by what their parameters may be. */
function patternOf({ parameters }: OperationObject, name: string): RegExp {
  const described = parameters.find((parameter) => parameter.name === name);
  const { pattern, format } = described?.schema ?? {};
  // Of ids, which Express does not check: what is none is for the route to refuse.
  return typeof pattern === 'string' && format !== 'uuid' ? new RegExp(pattern) : /^/;
}

function parametersIn(template: string): number {
  return template.split('{').length;
}
