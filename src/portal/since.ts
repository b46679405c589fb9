import type { Ts } from '../ids.ts';
import { ts } from '../ids.ts';
import type { Clock } from './context.ts';

/** Now, as Slack counts: what is written from now on belongs to a new portal. */
export function nowTs(clock: Pick<Clock, 'now'>): Ts {
  const millis = clock.now();
  const fraction = String((millis % 1000) * 1000).padStart(6, '0');
  return ts(`${Math.floor(millis / 1000)}.${fraction}`);
}
