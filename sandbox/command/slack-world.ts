import { startSlackSandbox } from '../slack/server.ts';
import type { SlackSandbox } from '../slack/server.ts';

/** The Slack side of the sandbox: one workspace with the bridge's app, three people and three channels. */
export interface SlackWorld {
  readonly slack: SlackSandbox;
  readonly botToken: string;
  readonly appToken: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly people: readonly SlackPerson[];
  readonly channels: readonly SlackChannel[];
}

export interface SlackPerson {
  readonly id: string;
  readonly name: string;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
}

const people = [
  { name: 'ann', displayName: 'Ann', realName: 'Ann Archer', title: 'Engineering' },
  { name: 'ben', displayName: 'Ben', realName: 'Ben Okoye', title: 'Support' },
  { name: 'chloe', displayName: 'Chloé', realName: 'Chloé Martin', title: 'Design' },
];
const channels = ['general', 'random', 'watercooler'];

/**
 * Starts the Slack sandbox; a folder that has a world goes on with it. `redirectUrl`: where it sends people back to who link
 * their accounts.
 */
export async function startSlackWorld({
  redirectUrl,
  ...options
}: {
  readonly port: number;
  readonly folder: string;
  readonly redirectUrl: string;
}): Promise<SlackWorld> {
  const slack = await startSlackSandbox(options);
  if (slack.control.world({}).teams.length === 0) seed(slack);
  await slack.control.configureApp({ redirectUrls: [redirectUrl] });
  return { slack, ...found(slack) };
}

function seed({ control }: SlackSandbox): void {
  const { team } = control.createTeam({
    name: 'Acme',
    domain: 'acme',
    app: { name: 'Matrix Bridge', transport: 'socket' },
  });
  const ids = people.map((person) => control.createUser({ ...person, team: team.id, picture: true }).id);
  const members = ids.filter((id) => id !== undefined);
  // A new workspace has #general, with everybody in it.
  for (const name of channels.filter((each) => each !== 'general')) {
    control.createChannel({ team: team.id, name, members });
  }
}

function found({ control }: SlackSandbox): Omit<SlackWorld, 'slack'> {
  const [team] = control.world({}).teams;
  const [app] = team?.apps ?? [];
  if (!team || !app) throw new Error('The Slack sandbox has no workspace with an app: start with --reset.');
  const userIds = idsByName(team.users);
  const channelIds = idsByName(team.channels);
  return {
    botToken: app.botToken,
    appToken: app.appToken,
    client: { id: app.clientId, secret: app.clientSecret },
    people: people.map(({ name, displayName }) => ({ id: known(userIds, name), name: displayName })),
    channels: channels.map((name) => ({ id: known(channelIds, name), name })),
  };
}

function idsByName(list: readonly object[]): ReadonlyMap<string, string> {
  return new Map(
    list.flatMap((one) =>
      'name' in one && typeof one.name === 'string' && 'id' in one && typeof one.id === 'string'
        ? [[one.name, one.id] as const]
        : [],
    ),
  );
}

function known(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`The Slack sandbox has no "${name}" any more: start with --reset.`);
  return id;
}
