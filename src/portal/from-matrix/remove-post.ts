import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { fileOfLink } from './text-file.ts';

/** Removes a post of ours from Slack, with its file if it shares one. */
export async function removePost({ context, portal, turn }: Work, link: MessageLink): Promise<void> {
  const place = portal.channels[0];
  const file = fileOfLink(link);
  turn.mayWrite();
  if (file !== undefined) await context.slack.removeFile(place.team, file);
  turn.mayWrite();
  await context.slack.remove(place, link.ts);
  turn.remember({ type: 'deleted', portal: portal.id, ts: link.ts });
}
