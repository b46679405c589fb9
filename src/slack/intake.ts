import { appId, teamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Delivery, IntakePort } from '../queue/ports.ts';
import { deliveryOf, teamOf } from './envelope.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';
import type { SlackMetrics, Transport } from './metrics.ts';
import { accessEvents } from './scopes.ts';
import type { ConnectedTeam } from './teams.ts';

/** Whose secret, or whose connection, vouches for a payload. */
export interface Source {
  readonly members: () => readonly ConnectedTeam[];
}

/** What both transports hand in. Who answers Slack must wait for these. */
export interface Intake {
  /**
   * Takes an event. Resolves when it may be acknowledged: it is committed, or isn't ours to store. Rejects when it
   * couldn't be stored: Slack must deliver it again.
   */
  event(body: Fields, raw: Buffer, source: Source, transport: Transport): Promise<void>;
  /** Takes a command, button or shortcut; resolves with the answer to acknowledge it with. */
  interaction(body: Fields, source: Source, transport: Transport): Promise<unknown>;
}

export interface IntakeOptions {
  readonly store: IntakePort;
  /** Who answers commands, buttons and shortcuts. */
  readonly answer: (body: Fields) => Promise<unknown>;
  /** An organisation lets the app into other workspaces than before. Which those are, Slack is asked. */
  readonly accessChanged: () => void;
  /** An event of this workspace has come. */
  readonly heard: (team: string) => void;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
}

/** @see https://docs.slack.dev/reference/events/team_access_granted */
const accessChanges: ReadonlySet<string> = new Set(accessEvents);

export function createIntake(options: IntakeOptions): Intake {
  const { metrics, log } = options;
  const told = new Set<string>();

  function notOurs(transport: Transport, team: string | undefined, app: string | undefined): void {
    metrics.refused(transport, 'unknown-team');
    // ids only, if they are such: what else stands there is the sender's choice
    const fields = { team: maybe(teamId, team), app: maybe(appId, app) };
    const key = JSON.stringify(fields);
    if (told.has(key) || told.size >= 100) return;
    told.add(key);
    log.warn('Slack sends events of a workspace or app that is not configured; they are not bridged', fields);
  }

  async function store(delivery: Delivery, transport: Transport): Promise<void> {
    const started = performance.now();
    await options.store.store([delivery]);
    options.heard(delivery.route.team ?? '');
    metrics.acknowledged(transport, (performance.now() - started) / 1000);
  }

  return {
    // not async: what is under way would hold the whole body in memory until it is stored
    event: (body, raw, source, transport) => {
      if (accessChanges.has(textOf(fieldsOf(body['event'])['type']) ?? '')) {
        options.accessChanged();
        return Promise.resolve();
      }
      const received = deliveryOf(body, raw, acceptedBy(source));
      if (received.type === 'skip') {
        notOurs(transport, received.team, received.app);
        return Promise.resolve();
      }
      if (received.delivery.malformed !== undefined) {
        metrics.refused(transport, 'malformed');
        log.error('Slack sent an event that can not be read', { reason: received.delivery.malformed });
      }
      return store(received.delivery, transport);
    },
    interaction: async (body, source, transport) => {
      const app = textOf(body['api_app_id']);
      const { accepts, memberOf } = acceptedBy(source);
      const team = teamOf(body, (id) => accepts(id, app), memberOf);
      if (team !== undefined) return options.answer(body);
      notOurs(transport, textOf(body['team_id']), app);
      return undefined;
    },
  };
}

/** A workspace's events are taken only from its own app, under the secret that is configured for it. */
function acceptedBy(source: Source) {
  const members = source.members();
  return {
    accepts: (team: string, app: string | undefined) =>
      members.some(
        (each) =>
          each.team.id === team &&
          (app === undefined || each.team.appId === undefined || each.team.appId === app),
      ),
    memberOf: (organisation: string) => members.find((each) => each.installation === organisation)?.team.id,
    botOf: (team: string) => members.find((each) => each.team.id === team)?.team.bot,
  };
}
