import { newId, newSecret } from '../ids.ts';
import type { App } from '../model.ts';
import type { PublishedEvent, World } from '../world.ts';
import type { Receiver } from './rules.ts';

/** One event for one app: what goes over the wire as JSON, the same for every attempt. */
export interface Delivery {
  readonly app: App;
  /** The person for whom the app gets it; `undefined`: its bot sees it itself. */
  readonly onBehalfOf: string | undefined;
  readonly eventId: string;
  readonly eventType: string;
  readonly subtype: string | undefined;
  readonly channelId: string | undefined;
  readonly userId: string | undefined;
  /** The payload as JSON text. */
  readonly body: string;
}

/** @see https://docs.slack.dev/apis/events-api/#callback-field */
function envelope(world: World, receiver: Receiver, eventId: string, published: PublishedEvent) {
  const { app, userId, isBot } = receiver;
  const organisation = app.organisation ?? null;
  return {
    token: app.verificationToken,
    team_id: app.teamId,
    context_team_id: published.teamId,
    enterprise_id: world.teams.get(app.teamId)?.organisation?.id,
    context_enterprise_id: world.teams.get(published.teamId)?.organisation?.id ?? null,
    api_app_id: app.id,
    event: published.event,
    type: 'event_callback' as const,
    event_id: eventId,
    event_time: world.seconds(),
    authorizations: [
      {
        enterprise_id: world.teams.get(app.teamId)?.organisation?.id ?? null,
        team_id: app.teamId,
        user_id: userId,
        is_bot: isBot,
        is_enterprise_install: isBot && organisation !== null,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${Buffer.from(`${app.id}${app.teamId}${published.channelId ?? ''}`).toString('base64url')}`,
  };
}

export function createDelivery(world: World, receiver: Receiver, published: PublishedEvent): Delivery {
  const { event, channelId } = published;
  const eventId = newId('Ev');
  return {
    app: receiver.app,
    onBehalfOf: receiver.isBot ? undefined : receiver.userId,
    eventId,
    eventType: event.type,
    subtype: typeof event['subtype'] === 'string' ? event['subtype'] : undefined,
    channelId,
    userId: typeof event['user'] === 'string' ? event['user'] : undefined,
    body: JSON.stringify(envelope(world, receiver, eventId, published)),
  };
}

/** An object, or the text of one in JSON. */
export type Payload = Readonly<Record<string, unknown>> | string;

/** A payload that goes out as it is, without the envelope of an event: `app_rate_limited`, or anything a test makes up. */
export function createRawDelivery(app: App, payload: Payload): Delivery {
  return {
    app,
    onBehalfOf: undefined,
    eventId: `raw-${newSecret(4)}`,
    eventType: typeof payload === 'object' && typeof payload['type'] === 'string' ? payload['type'] : 'raw',
    subtype: undefined,
    channelId: undefined,
    userId: undefined,
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
  };
}
