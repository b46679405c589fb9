import type { z } from 'zod';
import { closest } from '../suggest.ts';
import { optionAt } from './options.ts';
import { schema } from './schema.ts';
import type { ConfigFile } from './schema.ts';
import type { Path, Problem } from './source.ts';

type Issue = z.core.$ZodIssue;

/** Holds a value against the schema: the file with its defaults, or all that's wrong with it. */
export function readShape(
  value: unknown,
): { readonly file: ConfigFile } | { readonly problems: readonly Problem[] } {
  const result = schema.safeParse(value ?? {});
  if (result.success) return { file: result.data };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, value)) };
}

function problemsOf(issue: Issue, value: unknown): readonly Problem[] {
  const path = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(path, key) }));
    case 'invalid_type':
      return [{ path, message: wrongType(issue.expected, valueAt(value, path)) }];
    case 'invalid_value':
      return [{ path, message: wrongChoice(issue.values.map(String), valueAt(value, path)) }];
    case 'too_small':
    case 'too_big':
      return [{ path, message: issue.origin === 'string' ? issue.message : outOfRange(issue) }];
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_element':
    case 'custom':
      return [{ path, message: issue.message }];
    default:
      return issue satisfies never;
  }
}

function unknownKey(path: Path, key: string): string {
  const known = [...(optionAt(path)?.children.keys() ?? [])];
  const meant = closest(key, known);
  return meant === undefined
    ? `unknown key; known here: ${known.join(', ')}`
    : `unknown key; did you mean ${meant}?`;
}

function wrongType(expected: string, got: unknown): string {
  const wanted = typeNames[expected] ?? expected;
  return got === undefined
    ? `is missing: ${wanted} must stand here`
    : `must be ${wanted}, not ${typeOf(got)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
};

function typeOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a section' : (typeNames[typeof value] ?? typeof value);
}

function wrongChoice(choices: readonly string[], got: unknown): string {
  const meant = typeof got === 'string' ? closest(got, choices) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `must be one of ${choices.join(', ')}${hint}`;
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  return issue.code === 'too_small'
    ? `must be at least ${issue.minimum.toString()}`
    : `must be at most ${issue.maximum.toString()}`;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const segment of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = (inner as Readonly<Record<string | number, unknown>>)[segment]; // any object can be asked for a key
  }
  return inner;
}
