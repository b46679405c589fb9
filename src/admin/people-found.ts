import { CannotBridge } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import type { SlackUserId } from '../ids.ts';

/** The one person that was found. Throws `CannotBridge` that says how to name somebody. */
export function onlyPerson(query: string, found: readonly SlackProfile[], where = 'Slack'): SlackUserId {
  const people = found.flatMap(({ id }) => (isPerson(id) ? [id] : []));
  const [only, ...more] = people;
  const shown = query.slice(0, 80);
  if (only === undefined)
    throw new CannotBridge(
      'nobody',
      `I find nobody called “${shown}” in ${where}. Say their address, or their id (U…).`,
    );
  if (more.length > 0)
    throw new CannotBridge(
      'ambiguous',
      `Several people are called “${shown}”: ${people.join(', ')}. Say an id.`,
    );
  return only;
}

function isPerson(id: string): id is SlackUserId {
  return /^[UW]/.test(id);
}
