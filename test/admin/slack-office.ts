import { answerSlack } from '../../src/admin/slack-commands.ts';
import { createSlackAskers } from '../../src/bridge/slack-command.ts';
import type { SlackPermission } from '../../src/config/permissions.ts';
import { plainText } from '../../src/format/doc.ts';
import { slackUserId } from '../../src/ids.ts';
import type { ChannelId, MatrixUserId, SlackUserId } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { ann, general, team } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

export const zoe = slackUserId('UZOE');

/** The same office, for people who write `/matrix …`. Zoe is in Slack; linked, she is Ann in Matrix. */
export function makeSlackOffice(
  permissions: Readonly<Record<string, SlackPermission>>,
  ...portals: readonly Portal[]
) {
  const office = makeOffice(...portals);
  const owners = new Map<SlackUserId, MatrixUserId>();
  const puppets = {
    ownerOf: (_team: string, user: string) => {
      const matrixUser = owners.get(slackUserId(user));
      return matrixUser === undefined
        ? undefined
        : {
            matrixUser,
            team,
            slackUser: slackUserId(user),
            name: 'Zoe',
            scopes: [],
            double: true,
          };
    },
  };
  const parts = { admin: office.context, puppets, slack: office.slack };
  const askerOf = createSlackAskers({ slack_permissions: permissions }, parts);
  let given = 0;
  return Object.assign(office, {
    askerOf,
    /** Zoe's Matrix account is Ann's from now on. */
    linkZoe: (user: MatrixUserId = ann) => void owners.set(zoe, user),
    slash: async (text: string, where: { user?: SlackUserId; channel?: ChannelId } = {}): Promise<string> => {
      given += 1;
      const { user = zoe, channel = general.channel } = where;
      const answer = await answerSlack(office.context, {
        asker: () => askerOf(team, user),
        place: { side: 'slack', direct: false, channel: { team, channel } },
        text,
        fact: `slash:${given}`,
      });
      return plainText(answer);
    },
  });
}
