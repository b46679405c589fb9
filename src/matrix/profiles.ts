import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackProfile } from '../events.ts';
import { cleanName } from '../format/names.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import { BoundedMap } from './bounded-map.ts';
import type { HomeserverClient } from './call.ts';
import { createLimit, createTurns } from './limit.ts';
import type { Media } from './media.ts';
import type { FetchPicture, GhostRecord } from './ports.ts';
import { isRefusal } from './refusal.ts';

/** Synapse takes 256 characters; what people see as one can be several. */
const longestName = 250;
/** A new ghost's first message waits so long for its picture, so that the join shows it; it comes later otherwise. */
const pictureHead = 2000;
/** A picture that couldn't be had is asked for again after this. */
const pictureAgain = 10 * 60_000;
const picturesAtOnce = 4;

interface ProfilesOptions {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly media: Media;
  readonly fetchPicture: FetchPicture;
  readonly log: Logger;
}

/** Keeps our users' names and pictures in step with Slack's. */
export class Profiles {
  readonly #options: ProfilesOptions;
  readonly #inTurn = createTurns();
  readonly #limit = createLimit(picturesAtOnce);
  readonly #pictures = new Map<MatrixUserId, Promise<void>>();
  readonly #failed = new BoundedMap<MatrixUserId, { readonly url: string | undefined; readonly at: number }>(
    5000,
  );

  constructor(options: ProfilesOptions) {
    this.#options = options;
  }

  /** Registers the ghost and brings name and picture in step; asks nobody when nothing changed. */
  async prepare(user: MatrixUserId, profile: SlackProfile): Promise<void> {
    const record = this.#options.accounts.remembered(user);
    if (record && this.#inStep(record, user, profile)) return;
    await this.#inTurn(user, () => this.#bring(user, profile));
  }

  /** Registers a user of ours under a name. */
  async prepareNamed(user: MatrixUserId, name: string): Promise<void> {
    await this.#inTurn(user, () => this.#setName(user, name));
  }

  /** Resolves when no picture is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#pictures.values());
  }

  /** Whether there is nothing to do, as far as memory tells. Another workspace's view of the person changes nothing. */
  #inStep(record: GhostRecord, user: MatrixUserId, profile: SlackProfile): boolean {
    if (record.slack === undefined || record.name === undefined) return false;
    if (record.slack.team !== profile.team) return true;
    return record.name === shownName(profile) && !this.#pictureIsDue(record, user, profile);
  }

  #pictureIsDue(record: GhostRecord, user: MatrixUserId, profile: SlackProfile): boolean {
    if (record.picture?.url === profile.picture || this.#pictures.has(user)) return false;
    const failed = this.#failed.get(user);
    return !failed || failed.url !== profile.picture || Date.now() - failed.at >= pictureAgain;
  }

  async #bring(user: MatrixUserId, profile: SlackProfile): Promise<void> {
    const before = await this.#options.accounts.record(user);
    if (this.#inStep(before, user, profile)) return;
    await this.#setName(user, shownName(profile), { author: profile.id, team: profile.team });
    if (!this.#pictureIsDue(before, user, profile)) return;
    const picture = this.#startPicture(user, profile.picture);
    if (before.name === undefined) {
      await Promise.race([picture, sleep(pictureHead, undefined, { ref: false })]);
    }
  }

  async #setName(user: MatrixUserId, name: string, slack?: GhostRecord['slack']): Promise<void> {
    const { accounts } = this.#options;
    const record = await accounts.record(user);
    if (record.name === name && (record.slack || !slack)) return;
    if (record.name !== name) await this.#put(user, 'displayname', name);
    await accounts.update(user, (now) => ({ ...now, name, ...(slack && { slack }) }));
  }

  /** Beside the messages: never rejects, and at most one at a time for a user. */
  #startPicture(user: MatrixUserId, url: string | undefined): Promise<void> {
    const work = this.#limit(() =>
      url === undefined ? this.#removePicture(user) : this.#setPicture(user, url),
    )
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

/** Never empty: where nothing can be shown of the name, the id stands in. */
function shownName(profile: SlackProfile): string {
  const name = cleanName(profile.name) || profile.id;
  return Array.from(name).slice(0, longestName).join('');
}
