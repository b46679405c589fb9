import { SlackError } from './call.ts';
import type { Call } from './call.ts';

/** Arguments come as strings in forms and as anything in JSON; absent, null and empty count as not given. */
export function text(call: Pick<Call, 'args'>, name: string): string | undefined {
  const value = call.args[name];
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Refuses with `invalid_arguments`, as Slack does where a method has no error of its own for it. */
export function requiredText(call: Pick<Call, 'args'>, name: string, error?: string): string {
  const value = text(call, name);
  if (value !== undefined) return value;
  if (error !== undefined) throw new SlackError(error);
  throw new SlackError('invalid_arguments', {
    response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
  });
}

/** An argument that may be given as an empty string, which clears something. */
export function clearableText(call: Pick<Call, 'args'>, name: string): string | undefined {
  const value = call.args[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(call: Pick<Call, 'args'>, name: string): boolean {
  const value = call.args[name];
  return value === true || value === 'true' || value === '1' || value === 1;
}

export function list(call: Pick<Call, 'args'>, name: string): readonly string[] {
  const value = call.args[name];
  if (Array.isArray(value)) return value.filter((item): item is string => typeof item === 'string');
  return typeof value === 'string' && value !== '' ? value.split(',').map((item) => item.trim()) : [];
}

/** A whole number within the bounds; Slack quietly takes the nearest bound, and refuses what is no number. */
export function limit(call: Pick<Call, 'args'>, name: string, usual: number, most: number): number {
  const value = text(call, name);
  if (value === undefined) return usual;
  const wanted = Number(value);
  if (!Number.isInteger(wanted) || wanted < 0) throw new SlackError('invalid_limit');
  return wanted === 0 ? usual : Math.min(wanted, most);
}

/** JSON, as a string in a form or as itself; `error` when a string isn't JSON. */
export function json(call: Pick<Call, 'args'>, name: string, error: string): unknown {
  const value = call.args[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    throw new SlackError(error);
  }
}
