import { CannotBridge, TryLater } from '../errors.ts';
import { eventId } from '../ids.ts';
import type { EventId, MatrixUserId, RoomId } from '../ids.ts';
import type { EffectKey, MatrixPort, OutgoingEvent } from '../portal/ports.ts';
import type { HomeserverClient } from './call.ts';
import { editContent, messageContent, mostBytes, mostBytesInside, reactionContent } from './content.ts';
import type { RoomCrypto } from './crypto/ports.ts';
import { hasCaption } from './inbound-file.ts';
import type { JsonObject } from './json.ts';
import type { Membership } from './membership.ts';
import { bridging, isRefusal } from './refusal.ts';
import { readReactions } from './relations.ts';
import type { EchoMarks } from './echo-mark.ts';
import { markKey } from './echo-mark.ts';
import { captionKey, fileKey, transactionIds, transactionKey } from './transaction-id.ts';
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
  /** Absent: encryption is off. */
  readonly crypto?: Pick<RoomCrypto, 'isEncrypted' | 'encrypt'>;
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
  /** What is said, in rooms that are encrypted: in so many bytes. Absent: clients don't encrypt the like. */
  readonly secret?: { readonly message: OutgoingEvent; readonly content: Content };
}

type Content = (transaction: string, most: number) => JsonObject;

export function createSends(options: SendsOptions): Sends {
  const put = createPut(options);
  return {
    send: (user, room, message, key) => {
      const content: Content = (transaction, most) => messageContent(message, transaction, most);
      return bridging('send the message', () =>
        put({ kind: 'send', user, room, key, ...said(message, content) }),
      );
    },
    edit: (user, room, target, message, key) => {
      const content: Content = (transaction, most) => editContent(message, target, transaction, most);
      return bridging('edit the message', () =>
        put({ kind: 'edit', user, room, key, ...said(message, content) }),
      );
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

function said(message: OutgoingEvent, content: Content): Pick<Effect, 'path' | 'content' | 'secret'> {
  return {
    path: ['send', 'm.room.message'],
    content: (transaction) => content(transaction, mostBytes),
    secret: { message, content },
  };
}

/** What stands beside a ciphertext: by it a copy is known again when the database and its keys are gone. */
const besides = ['external_url', fileKey, transactionKey] as const;

/**
 * The same effect as an encrypted event, by the same transaction id, user and device.
 * @throws CannotBridge where it would be a person's own account: its devices aren't ours, and theirs wouldn't trust ours
 */
async function hidden(
  { crypto, isOurs }: Required<Pick<SendsOptions, 'crypto' | 'isOurs'>>,
  { user, room, secret }: Effect & Required<Pick<Effect, 'secret'>>,
  transaction: string,
): Promise<JsonObject> {
  if (!isOurs(user))
    throw new CannotBridge('double-away', `${user} can't write there: the room is encrypted`);
  const { file } = secret.message;
  if (file && (!file.cipher || (file.thumbnail && !file.thumbnail.cipher)))
    throw new TryLater('the room was encrypted while a file was on its way', { after: 500 });
  const content = secret.content(transaction, mostBytesInside);
  const shown = besides.flatMap((key) => (content[key] === undefined ? [] : [[key, content[key]] as const]));
  return {
    ...(await crypto.encrypt(user, room, 'm.room.message', content)),
    ...Object.fromEntries(shown),
    ...(file && hasCaption(content) && { [captionKey]: true }),
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
    const { crypto, isOurs } = options;
    const { secret } = effect;
    const isHidden = secret !== undefined && (await crypto?.isEncrypted(room)) === true;
    const body =
      isHidden && crypto
        ? await hidden({ crypto, isOurs }, { ...effect, secret }, transaction)
        : {
            ...effect.content(transaction),
            ...(isPerson && { [markKey]: markOf(effect, transaction, effect.target ?? at) }),
          };
    const path = isHidden ? ['send', 'm.room.encrypted'] : effect.path;
    const answer = await options.membership.inRoom(user, room, (as) =>
      options.client.call({
        name: kind,
        method: 'PUT',
        path: ['client', 'v3', 'rooms', room, ...path, transaction],
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
