import type { z } from 'zod';

/** Why a request is refused, as Meta says it. */
export interface RequestProblem {
  code: number;
  subcode?: number;
  /** The sentence of the error itself; absent: the code's own. */
  message?: string;
  /** Absent where the message says all, as in everything that Graph finds wrong with a shape. */
  details?: string;
}

type Path = readonly PropertyKey[];

/**
 * What Graph says about the first thing that does not fit the schema. `json` is what was read, `parameter` the
 * parameter it was read from; absent: it is the whole request.
 */
export function shapeProblem(error: z.ZodError, json: unknown, parameter?: string): RequestProblem {
  const issue = error.issues[0];
  if (issue === undefined) return invalidParameter('Invalid parameter');
  const path = parameter === undefined ? issue.path : [parameter, ...issue.path];
  return invalidParameter(sentence(issue, parameterName(path), valueAt(json, issue.path)));
}

/** Code 100 with its sentence: the form of all that Graph refuses before WhatsApp sees it. */
export function invalidParameter(message: string): RequestProblem {
  return { code: 100, message: `(#100) ${message}` };
}

/** `interactive['body']['text']`: how Graph names a place in a request. */
export function parameterName([first, ...rest]: Path): string {
  return (
    String(first ?? '') +
    rest.map((key) => (typeof key === 'number' ? `[${key}]` : `['${String(key)}']`)).join('')
  );
}

function sentence(issue: z.core.$ZodIssue, name: string, value: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const on = name === '' ? '' : ` on param "${name}"`;
    return `Unexpected key "${issue.keys[0]}"${on}.`;
  }
  if (value === undefined || value === null) return `The parameter ${name} is required.`;
  switch (issue.code) {
    case 'invalid_value': {
      const allowed = issue.values.map((one) => String(one).toUpperCase()).join(', ');
      return `Param ${name} must be one of {${allowed}} - got ${JSON.stringify(value)}.`;
    }
    case 'invalid_type':
      return `Param ${name} must be ${KINDS[issue.expected] ?? issue.expected}.`;
    default:
      return `Param ${name} is not valid - got ${JSON.stringify(value)}.`;
  }
}

const KINDS: Record<string, string> = {
  object: 'a JSON object',
  record: 'a JSON object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
};

function valueAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === String(key))?.[1]
        : undefined,
    json,
  );
}
