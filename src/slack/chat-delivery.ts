import type { SlackUserId } from '../ids.ts';
import { slackUserId } from '../ids.ts';
import type { Delivery } from '../queue/ports.ts';
import { deliveryOf, readersOf } from './envelope.ts';
import { fieldsOf, maybe } from './fields.ts';
import type { InboundTeams } from './inbound.ts';
import { MalformedPayload } from './inbound.ts';

/** What was stored of a chat before it had a portal. */
export interface ChatDelivery {
  /** The same for its portal: another delivery of the same fact. */
  readonly delivery: Delivery;
  /** The people through whose accounts it came. */
  readonly readers: readonly SlackUserId[];
}

/** Throws `MalformedPayload` where the payload can't be what was stored. */
export function chatDelivery(payload: Buffer, teams: InboundTeams): ChatDelivery {
  const body = bodyOf(payload);
  const received = deliveryOf(body, payload, {
    accepts: (team) => teams.has(team),
    memberOf: teams.memberOf,
  });
  if (received.type === 'skip') throw new MalformedPayload('it is for no workspace of ours');
  const { deliveryKey } = received.delivery;
  return {
    delivery: { ...received.delivery, deliveryKey: `chat:${deliveryKey}` },
    readers: tellersOf(body),
  };
}

/** The people through whose accounts a stored event came; none where the bot was told. */
export function readersIn(payload: Buffer): readonly SlackUserId[] {
  return tellersOf(bodyOf(payload));
}

function tellersOf(body: ReturnType<typeof fieldsOf>): readonly SlackUserId[] {
  return readersOf(body).flatMap((each) => maybe(slackUserId, each) ?? []);
}

function bodyOf(payload: Buffer): ReturnType<typeof fieldsOf> {
  try {
    return fieldsOf(JSON.parse(payload.toString('utf8')));
  } catch (cause) {
    throw new MalformedPayload('not JSON', { cause });
  }
}
