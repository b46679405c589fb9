import { CannotBridge } from '../errors.ts';
import { eventId } from '../ids.ts';
import type { EventId, MatrixUserId, RoomId } from '../ids.ts';
import type { EffectKey, MatrixPort } from '../portal/ports.ts';
import type { HomeserverClient } from './call.ts';
import { editContent, messageContent, reactionContent } from './content.ts';
import type { JsonObject } from './json.ts';
import type { Membership } from './membership.ts';
import { bridging, isRefusal } from './refusal.ts';
import { readReactions } from './relations.ts';
import type { EchoMarks } from './echo-mark.ts';
import { markKey } from './echo-mark.ts';
import { transactionIds, transactionKey } from './transaction-id.ts';
import type { EffectKind } from './transaction-id.ts';

/** What of {@link MatrixPort} writes messages. */
export type Sends = Pick<MatrixPort, 'send' | 'edit' | 'redact' | 'react'>;

interface SendsOptions {
  readonly client: HomeserverClient;
  readonly membership: Membership;
  readonly bot: MatrixUserId;
  readonly bridgeId: string;
  readonly isOurs: (user: string) => boolean;
  readonly marks: Pick<EchoMarks, 'mark'>;
}

interface Effect {
  readonly kind: EffectKind;
  readonly user: MatrixUserId;
  readonly room: RoomId;
  readonly key: EffectKey;
  /** What follows the room in the path; the transaction id comes last. */
  readonly path: readonly string[];
  /** Of a redaction. */
  readonly target?: EventId;
  readonly content: (transaction: string) => JsonObject;
}

export function createSends(options: SendsOptions): Sends {
  const put = createPut(options);
  return {
    send: (user, room, message, key) => {
      const content = (transaction: string) => messageContent(message, transaction);
      const effect = { kind: 'send', user, room, key, path: ['send', 'm.room.message'], content } as const;
      return bridging('send the message', () => put(effect));
    },
    edit: (user, room, target, message, key) => {
      const content = (transaction: string) => editContent(message, target, transaction);
      const effect = { kind: 'edit', user, room, key, path: ['send', 'm.room.message'], content } as const;
      return bridging('edit the message', () => put(effect));
    },
    redact: (user, room, target, key) => {
      const content = (transaction: string) => ({ [transactionKey]: transaction });
      const effect = { kind: 'redact', user, room, key, path: ['redact', target], target, content } as const;
      return bridging('delete the message', async () => {
        try {
          return await put(effect);
        } catch (error) {
          // The ghost was removed, but what it wrote must be deletable: perhaps the bot may.
          if (user === options.bot || !isRefusedInRoom(error)) throw error;
          return put({ ...effect, user: options.bot }).catch((second: unknown) => {
            throw isRefusedInRoom(second) ? error : second;
          });
        }
      });
    },
    react: (user, room, target, reaction, key) => {
      const content = (transaction: string) => reactionContent(target, reaction, transaction);
      const effect = { kind: 'react', user, room, key, path: ['send', 'm.reaction'], content } as const;
      return bridging('react to the message', () =>
        put(effect).catch((error: unknown) => {
          if (isRefusal(error, 'M_DUPLICATE_ANNOTATION'))
            return standingReaction(options, user, room, target, reaction.key);
          throw error;
        }),
      );
    },
  };
}

/**
 * Each effect is one PUT whose transaction id follows from its cause: however often it is repeated, by whichever process,
 * the homeserver gives back the first one's event. That needs the same user, device and path each time. What is sent as a
 * real person is marked, so that it is known when it comes back: see {@link EchoMarks}.
 */
function createPut(options: SendsOptions): (effect: Effect) => Promise<EventId> {
  const transactionId = transactionIds(options.bridgeId);

  /** A mark is bound to the event's time, so a person's events are given one. */
  function timeOf({ key, user }: Effect): number | undefined {
    if (key.at !== undefined) return Math.floor(key.at);
    return options.isOurs(user) ? undefined : Date.now();
  }

  function markOf({ key, room, user }: Effect, transaction: string, bound: EventId | number = 0): string {
    if (key.author === undefined) throw new Error(`What is sent as ${user} needs an author in Slack`);
    return options.marks.mark({ sender: user, room, transaction, bound, author: key.author });
  }

  return async (effect) => {
    const { kind, user, room, key } = effect;
    const transaction = transactionId(kind, key);
    const at = effect.target === undefined ? timeOf(effect) : undefined;
    const isPerson = !options.isOurs(user);
    const body = {
      ...effect.content(transaction),
      ...(isPerson && { [markKey]: markOf(effect, transaction, effect.target ?? at) }),
    };
    const answer = await options.membership.inRoom(user, room, (as) =>
      options.client.call({
        name: kind,
        method: 'PUT',
        path: ['client', 'v3', 'rooms', room, ...effect.path, transaction],
        query: { ts: at },
        as,
        room,
        body,
      }),
    );
    return eventId(answer['event_id']);
  };
}

/** The reaction that is there already, from another cause: a backup doesn't know it. */
async function standingReaction(
  { client, membership }: SendsOptions,
  user: MatrixUserId,
  room: RoomId,
  target: EventId,
  key: string,
): Promise<EventId | undefined> {
  const reactions = await membership.inRoom(user, room, (as) => readReactions(client, as, room, target));
  return reactions.find((reaction) => reaction.sender === user && reaction.key === key)?.event;
}

function isRefusedInRoom(error: unknown): boolean {
  return error instanceof CannotBridge || isRefusal(error, 'M_FORBIDDEN');
}
