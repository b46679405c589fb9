import { boundDepth } from '../format/bound-depth.ts';
import type { Fields } from './fields.ts';
import { isFields } from './fields.ts';

/**
 * The body of a form that Slack posts: a slash command's fields, or the JSON in `payload` for buttons and shortcuts.
 * `undefined` where that isn't JSON.
 * @see https://docs.slack.dev/interactivity/handling-user-interaction
 */
export function formBody(raw: Buffer): Fields | undefined {
  const form = new URLSearchParams(raw.toString('utf8'));
  const payload = form.get('payload');
  if (payload === null) return Object.fromEntries(form);
  try {
    const value = boundDepth(JSON.parse(payload));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
