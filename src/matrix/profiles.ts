import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { SlackProfile } from '../events.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { NameTemplate } from '../name-template.ts';
import type { Accounts } from './accounts.ts';
import { BoundedMap } from './bounded-map.ts';
import type { HomeserverClient } from './call.ts';
import { ghostName } from './ghost-name.ts';
import { createLimit, createTurns } from './limit.ts';
import type { Limit } from './limit.ts';
import type { Media } from './media.ts';
import type { FetchPicture, GhostRecord } from './ports.ts';
import type { FieldWriter } from './profile-fields.ts';
import { isRefusal } from './refusal.ts';

/** A new ghost's first message waits so long for its picture, so that the join shows it; it comes later otherwise. */
const pictureHead = 2000;
/** A picture that couldn't be had is asked for again after this. */
const pictureAgain = 10 * 60_000;
const picturesAtOnce = 4;
/** Those of people who said nothing yet leave room for the others'. */
const laterAtOnce = 1;

interface ProfilesOptions {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly media: Media;
  readonly fetchPicture: FetchPicture;
  readonly fields: FieldWriter;
  /** How ghosts are called. */
  readonly names: NameTemplate;
  readonly log: Logger;
}

/** `quietly`: nobody waits for it, so it leaves room for those who speak. Then it resolves when the picture is there, too. */
export interface Haste {
  readonly quietly?: boolean;
}

/** Keeps our users' names, pictures and other fields in step with Slack's. */
export class Profiles {
  readonly #options: ProfilesOptions;
  readonly #inTurn = createTurns();
  readonly #limit = createLimit(picturesAtOnce);
  readonly #laterLimit = createLimit(laterAtOnce);
  readonly #fields = new Map<MatrixUserId, Promise<void>>();
  readonly #pictures = new Map<MatrixUserId, Promise<void>>();
  readonly #failed = new BoundedMap<MatrixUserId, { readonly url: string | undefined; readonly at: number }>(
    5000,
  );

  constructor(options: ProfilesOptions) {
    this.#options = options;
  }

  /** Registers the ghost and brings name and picture in step; asks nobody when nothing changed. */
  async prepare(user: MatrixUserId, profile: SlackProfile, haste: Haste = {}): Promise<void> {
    const record = this.#options.accounts.remembered(user);
    if (record && this.#inStep(record, user, profile)) return;
    await this.#inTurn(user, () => this.#bring(user, profile, haste));
    if (haste.quietly === true) await this.#pictures.get(user);
  }

  /** Registers a user of ours under a name. */
  async prepareNamed(user: MatrixUserId, name: string): Promise<void> {
    await this.#inTurn(user, () => this.#setName(user, name));
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#pictures.values(), ...this.#fields.values()]);
  }

  /**
   * Whether there is nothing to do, as far as memory tells. Another workspace's view of the person changes nothing, but for
   * that of their own.
   */
  #inStep(record: GhostRecord, user: MatrixUserId, profile: SlackProfile): boolean {
    if (record.slack === undefined || record.name === undefined) return false;
    if (record.slack.team !== profile.team && !isOwnView(record, profile)) return true;
    const isCalledSo = record.name === ghostName(this.#options.names, profile);
    return (
      isCalledSo && !this.#pictureIsDue(record, user, profile) && !this.#fieldsAreDue(record, user, profile)
    );
  }

  #pictureIsDue(record: GhostRecord, user: MatrixUserId, profile: SlackProfile): boolean {
    if (record.picture?.url === profile.picture || this.#pictures.has(user)) return false;
    const failed = this.#failed.get(user);
    return !failed || failed.url !== profile.picture || Date.now() - failed.at >= pictureAgain;
  }

  #fieldsAreDue(record: GhostRecord, user: MatrixUserId, profile: SlackProfile): boolean {
    return !this.#fields.has(user) && this.#options.fields.differ(record.fields, profile);
  }

  async #bring(user: MatrixUserId, profile: SlackProfile, { quietly = false }: Haste): Promise<void> {
    const before = await this.#options.accounts.record(user);
    if (this.#inStep(before, user, profile)) return;
    const { id: author, team, home } = profile;
    const slack = { author, team, ...(home !== undefined && { foreign: true as const }) };
    await this.#setName(user, ghostName(this.#options.names, profile), slack);
    const limit = quietly ? this.#laterLimit : this.#limit;
    if (this.#fieldsAreDue(before, user, profile)) this.#startFields(user, profile);
    if (!this.#pictureIsDue(before, user, profile)) return;
    const picture = this.#startPicture(user, profile.picture, limit);
    if (before.name === undefined && !quietly) {
      await Promise.race([picture, sleep(pictureHead, undefined, { ref: false })]);
    }
  }

  async #setName(user: MatrixUserId, name: string, slack?: GhostRecord['slack']): Promise<void> {
    const { accounts } = this.#options;
    const record = await accounts.record(user);
    if (record.name === name && (!slack || isDeepStrictEqual(record.slack, slack))) return;
    if (record.name !== name) await this.#put(user, 'displayname', name);
    await accounts.update(user, (now) => ({ ...now, name, ...(slack && { slack }) }));
  }

  /** Beside the messages, one after another; what fails is found to be due again. */
  #startFields(user: MatrixUserId, profile: SlackProfile): void {
    const { accounts, fields, log } = this.#options;
    const work = this.#laterLimit(async () => {
      const before = await accounts.record(user);
      const written = await fields.bring(user, before.fields, profile);
      await accounts.update(user, (now) => ({ ...now, fields: written }));
    })
      .catch((error: unknown) => log.debug('fields of a profile could not be brought over', { user, error }))
      .finally(() => this.#fields.delete(user));
    this.#fields.set(user, work);
  }

  /** Beside the messages: never rejects, and at most one at a time for a user. */
  #startPicture(user: MatrixUserId, url: string | undefined, limit: Limit): Promise<void> {
    const work = limit(() => (url === undefined ? this.#removePicture(user) : this.#setPicture(user, url)))
      .catch((error: unknown) => {
        this.#failed.set(user, { url, at: Date.now() });
        this.#options.log.warn('a profile picture could not be brought over', { user, error });
      })
      .finally(() => this.#pictures.delete(user));
    this.#pictures.set(user, work);
    return work;
  }

  async #removePicture(user: MatrixUserId): Promise<void> {
    await this.#put(user, 'avatar_url', '');
    await this.#options.accounts.update(user, ({ picture: _picture, ...rest }) => rest);
  }

  async #setPicture(user: MatrixUserId, url: string): Promise<void> {
    const { accounts, fetchPicture, media } = this.#options;
    const { picture: before } = await accounts.record(user);
    const { bytes, mimetype } = await fetchPicture(url);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const same = before?.sha256 === sha256;
    const mxc = same ? before.mxc : await media.upload(bytes, mimetype, await accounts.actor(user));
    if (!same) await this.#put(user, 'avatar_url', mxc);
    await accounts.update(user, (now) => ({ ...now, picture: { url, sha256, mxc } }));
  }

  async #put(user: MatrixUserId, key: 'displayname' | 'avatar_url', value: string): Promise<void> {
    const { accounts, client, log } = this.#options;
    try {
      await client.call({
        name: 'profile',
        method: 'PUT',
        path: ['client', 'v3', 'profile', user, key],
        as: await accounts.actor(user),
        body: { [key]: value },
      });
    } catch (error) {
      // A server whose policy forbids it: asking at each message would change nothing.
      if (!isRefusal(error)) throw error;
      log.warn('the homeserver refuses a change of a profile', { user, key, code: error.code });
    }
  }
}

/** How their own workspace sees somebody whom the record knows from another organisation's. */
function isOwnView({ slack }: GhostRecord, { home }: SlackProfile): boolean {
  return slack?.foreign === true && home === undefined;
}
