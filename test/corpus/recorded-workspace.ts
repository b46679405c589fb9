import { z } from 'zod';
import { splitDoc } from '../../src/format/splitter.ts';
import type { SlackPort, SlackTeam } from '../../src/portal/ports.ts';
import { permalink } from '../../src/slack/permalink.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import { createNotices } from '../../src/slack/notices.ts';
import { createPosts } from '../../src/slack/posts.ts';
import type { Posts } from '../../src/slack/posts.ts';
import { createShownWrites } from '../../src/slack/shown.ts';
import type { ShownWrites } from '../../src/slack/shown.ts';
import { createUploads } from '../../src/slack/uploads.ts';
import type { Uploads } from '../../src/slack/uploads.ts';
import type { SlackNotices } from '../../src/portal/notice-ports.ts';
import { fileId, slackUserId, teamId, ts } from '../../src/ids.ts';
import type { Ts } from '../../src/ids.ts';
import type { Effect } from './effect.ts';

export const acme: SlackTeam = {
  id: teamId('T0ACME0001'),
  name: 'Acme',
  url: 'https://acme.slack.com/',
  appId: 'A0BRIDGE01',
  bot: slackUserId('U0BRIDGE01'),
  botId: 'B0BRIDGE01',
};

/** What of the Slack side is real here: how posts are cut and written, and the addresses of messages. */
type RealSlack = Pick<
  SlackPort,
  | 'teams'
  | 'team'
  | 'permalink'
  | 'isOurs'
  | 'pieces'
  | 'findByOpKey'
  | keyof Posts
  | keyof Uploads
  | keyof ShownWrites
>;

/** The adapter's own parts down to the calls, which are written into `effects`. Posts get a ts of 2023-11-14 22:30 on. */
export function recordedWorkspace(effects: Effect[]): {
  readonly port: RealSlack;
  readonly notices: SlackNotices;
} {
  let posted = 0;
  let staged = 0;
  const shared = new Map<string, Ts>();
  const nextTs = (): Ts => {
    posted += 1;
    return ts(`17000010${String(posted).padStart(2, '0')}.000100`);
  };
  const call: CallSlack = async ({ method, args, effect }) => {
    if (effect === 'read') return {};
    effects.push({ call: method, args });
    if (method === 'files.completeUploadExternal') {
      const at = nextTs();
      const { files } = z.object({ files: z.array(z.object({ id: z.string() })) }).parse(args);
      for (const { id } of files) shared.set(`file:${id}`, at);
    }
    return method === 'chat.postMessage' ? { ts: nextTs() } : {};
  };
  const port: RealSlack = {
    teams: () => [acme],
    team: (id) => (id === acme.id ? acme : undefined),
    permalink: (place, ts, threadTs) => permalink(acme.url, place.channel, ts, threadTs),
    isOurs: ({ author, app }) => app === acme.appId || author.id === acme.bot || author.id === acme.botId,
    pieces: (doc) => {
      const split = splitDoc(doc);
      return split.length > 0 ? split : [doc];
    },
    findByOpKey: async (_place, key) => [shared.get(key) ?? []].flat(),
    ...createPosts(call),
    ...createUploads({ call, trustedHosts: [] }),
    // nothing takes the bytes
    stage: async (_team, { name, length, altText }) => {
      const args = { filename: name, length, ...(altText !== undefined && { alt_txt: altText }) };
      effects.push({ call: 'files.getUploadURLExternal', args });
      staged += 1;
      return fileId(`F0FILE000${staged}`);
    },
    ...createShownWrites(call),
  };
  return { port, notices: createNotices(call) };
}
