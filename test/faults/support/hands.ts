import { editOf, inThread, reactionTo, textMessage } from '../../../sandbox/matrix-user/compose.ts';
import type { Content } from '../../../sandbox/matrix-user.ts';
import { putForSure } from '../../support/bridge/matrix-side.ts';
import type { SlackSide } from '../../support/bridge/slack-side.ts';
import { emojis, textOf } from './acts.ts';
import type { Act } from './acts.ts';
import type { PeopledRoom } from './people.ts';

/** Does acts at one side of a linked room, and knows the messages' ids there. */
export interface Hand {
  /** Resolves when the network has accepted it. */
  act(act: Act): Promise<void>;
  /** The event or the ts of what was said, by its id. */
  readonly places: ReadonlyMap<string, string>;
}

/**
 * The people of the room in Matrix. While the homeserver is out of reach they try again, as clients do.
 *
 * @param abandoned ends that.
 */
export function matrixHand({ room, matrixPeople }: PeopledRoom, abandoned: AbortSignal): Hand {
  const places = new Map<string, string>();
  const reactions = new Map<string, string>();
  const base = `/rooms/${encodeURIComponent(room)}`;
  const put = (person: number, path: string, body: Content): Promise<string> => {
    const writer = matrixPeople[person];
    if (!writer) throw new Error(`There is no person ${person} in the room.`);
    return putForSure(writer.api, `${base}/${path}`, body, abandoned);
  };
  const redact = (person: number, event: string): Promise<string> =>
    put(person, `redact/${encodeURIComponent(event)}`, {});
  return {
    places,
    async act(act) {
      const place = places.get(act.id) ?? '';
      switch (act.type) {
        case 'say': {
          const content = textMessage(textOf(act.id, 1));
          const root = act.thread === undefined ? undefined : places.get(act.thread);
          const body = root === undefined ? content : inThread(root, content);
          places.set(act.id, await put(act.person, 'send/m.room.message', body));
          return;
        }
        case 'edit': {
          const content = textMessage(textOf(act.id, act.version));
          await put(act.person, 'send/m.room.message', editOf(place, content));
          return;
        }
        case 'delete':
          await redact(act.person, place);
          return;
        case 'react': {
          const event = await put(act.person, 'send/m.reaction', reactionTo(place, emojis[act.emoji]));
          reactions.set(`${act.id} ${act.person} ${act.emoji}`, event);
          return;
        }
        case 'unreact':
          await redact(act.person, reactions.get(`${act.id} ${act.person} ${act.emoji}`) ?? '');
      }
    },
  };
}

/** The people of the channel in Slack. */
export function slackHand(
  control: SlackSide['control'],
  { channel: { id: channel }, slackPeople }: PeopledRoom,
): Hand {
  const places = new Map<string, string>();
  return {
    places,
    async act(act) {
      const { user = '' } = slackPeople[act.person] ?? {};
      const ts = places.get(act.id) ?? '';
      switch (act.type) {
        case 'say': {
          const thread = act.thread === undefined ? undefined : places.get(act.thread);
          const text = textOf(act.id, 1);
          const posted = control.post({ channel, user, text, ...(thread !== undefined && { thread }) });
          places.set(act.id, posted.ts);
          return;
        }
        case 'edit':
          control.edit({ channel, ts, text: textOf(act.id, act.version), user });
          return;
        case 'delete':
          control.delete({ channel, ts });
          return;
        case 'react':
          control.react({ channel, ts, user, name: act.emoji });
          return;
        case 'unreact':
          control.unreact({ channel, ts, user, name: act.emoji });
      }
    },
  };
}
