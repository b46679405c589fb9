import { z } from 'zod';
import type { StoredToken } from '../slack/ports.ts';

const stored = z.object({
  access: z.string(),
  refresh: z.string().optional(),
  expiresAt: z.number().optional(),
});

/** A token as it is sealed. The stored form is a promise. */
export function tokenText(token: StoredToken): string {
  return JSON.stringify(token);
}

/** Bot tokens that last may stand there by themselves. */
export function tokenIn(text: string | undefined): StoredToken | undefined {
  if (text === undefined) return undefined;
  if (!text.startsWith('{')) return { access: text };
  const { access, refresh, expiresAt } = stored.parse(JSON.parse(text));
  return {
    access,
    ...(refresh !== undefined && { refresh }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
