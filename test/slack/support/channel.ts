import type { ApiFault } from '../../../sandbox/slack/faults.ts';
import type { SlackPlace } from '../../../src/events.ts';
import { textDoc } from '../../../src/format/doc.ts';
import type { Doc } from '../../../src/format/doc.ts';
import { channelId } from '../../../src/ids.ts';
import type { OutgoingPost } from '../../../src/portal/ports.ts';
import type { Fields } from '../../../src/slack/fields.ts';
import { fieldsOf, objectsOf } from '../../../src/slack/fields.ts';
import type { RunningAdapter } from './adapter.ts';

let made = 0;

/** A channel of its own for a test, with the app in it. */
export function newChannel({ sandbox, place }: RunningAdapter): SlackPlace {
  made += 1;
  const channel = sandbox.control.createChannel({ team: place.team, name: `test-${made}` });
  return { ...place, channel: channelId(channel.id) };
}

/** A message as Slack's history shows it, or nothing. */
export function stored({ sandbox }: RunningAdapter, place: SlackPlace, ts: string): Fields {
  const messages = objectsOf(sandbox.control.messages({ channel: place.channel, all: true }));
  return fieldsOf(messages.find((message) => message['ts'] === ts));
}

/** The next call that matches fails like this. */
export function failNext({ sandbox }: RunningAdapter, fault: ApiFault, match: Fields = {}): void {
  sandbox.control.addFault({ on: 'api', match: { count: 1, ...match }, fault });
}

export function outgoing(content: Doc | string, changes: Partial<OutgoingPost> = {}): OutgoingPost {
  return {
    text: typeof content === 'string' ? textDoc(content) : content,
    emote: false,
    as: { name: 'Ann (Matrix)', picture: 'https://bridge.example.org/pictures/a' },
    opKey: 'key0',
    ...changes,
  };
}
