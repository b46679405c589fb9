import { createCommands } from '../../src/admin/matrix-commands.ts';
import type { ConsentQuestion } from '../../src/admin/consent.ts';
import type { DeadLetterDesk, LetterView, Outcome } from '../../src/admin/dead-letter-ports.ts';
import type { ClaimedCode, PeopleDesk, Redeemed } from '../../src/admin/people-ports.ts';
import type { AdminContext, EncryptionState, QueueDepth, SlackAccount } from '../../src/admin/ports.ts';
import type { MatrixRelation } from '../../src/events.ts';
import { channelId } from '../../src/ids.ts';
import type { MatrixUserId, PortalId } from '../../src/ids.ts';
import { slackDefaults } from '../../src/config.ts';
import { plainText, textDoc } from '../../src/format/doc.ts';
import { createBroadcast } from '../../src/portal/broadcast.ts';
import { createChatDesk } from '../../src/portal/chats/chat-desk.ts';
import { createLinking } from '../../src/portal/link.ts';
import type { Portal, Puppet, SlackChannel, SlackTeam } from '../../src/portal/ports.ts';
import { bot } from '../portal/support/recorded-matrix.ts';
import { ann, general, makeWorld, matrixMessage, team } from '../portal/support/world.ts';

/** Dead letters as they are shown; trying one again ends as the test says. */
class RecordedDesk implements DeadLetterDesk {
  letters: readonly LetterView[] = [];
  outcomes: readonly Outcome[] = [];
  readonly asked: string[] = [];

  page: DeadLetterDesk['page'] = async (page, size, portal) => {
    const all = this.letters.filter((each) => portal === undefined || each.portal === portal);
    return { letters: all.slice((page - 1) * size, page * size), total: all.length };
  };
  retry: DeadLetterDesk['retry'] = async (numbers, actor, portal) => {
    this.asked.push(`retry ${String(numbers)} by ${actor} in ${portal ?? 'all'}`);
    return this.outcomes;
  };
  skip: DeadLetterDesk['skip'] = async (numbers, actor, portal) => {
    this.asked.push(`skip ${String(numbers)} by ${actor} in ${portal ?? 'all'}`);
    const all = this.letters.map(({ number }) => number);
    return numbers === 'all' ? all : all.filter((number) => numbers.includes(number));
  };
}

/** People's own accounts; what is asked of Slack or the database is only noted. */
class RecordedPeople implements PeopleDesk {
  puppets: readonly Puppet[] = [];
  hindrance: string | undefined;
  doubles = true;
  /** Whose account the one code is about that there is. */
  code: ClaimedCode | undefined;
  redeemed: Redeemed = { type: 'unknown' };
  revoked = true;
  readonly asked: string[] = [];

  obstacle: PeopleDesk['obstacle'] = () => this.hindrance;
  link: PeopleDesk['link'] = async (user, of) => {
    this.asked.push(`link ${user} ${of}`);
    return 'https://bridge.example.org/login/the-secret';
  };
  linkFromSlack: PeopleDesk['linkFromSlack'] = async (user, of) => {
    this.asked.push(`link from Slack ${user} ${of}`);
    return 'https://bridge.example.org/login/the-secret';
  };
  accounts: PeopleDesk['accounts'] = (user) => this.puppets.filter(({ matrixUser }) => matrixUser === user);
  all: PeopleDesk['all'] = () => this.puppets;
  lacks: PeopleDesk['lacks'] = ({ scopes }) => (scopes.includes('im:history') ? [] : ['im:history']);
  canDouble: PeopleDesk['canDouble'] = () => this.doubles;
  setDouble: PeopleDesk['setDouble'] = async (puppet, isOn) => {
    this.puppets = this.puppets.map((each) => (each.team === puppet.team ? { ...each, double: isOn } : each));
  };
  isCode: PeopleDesk['isCode'] = (word) => word.includes('-');
  claim: PeopleDesk['claim'] = async () => this.code;
  redeem: PeopleDesk['redeem'] = async (code, user) => {
    this.asked.push(`redeem ${code} ${user}`);
    return this.redeemed;
  };
  void: PeopleDesk['void'] = async (code, user) => void this.asked.push(`void ${code} ${user}`);
  logout: PeopleDesk['logout'] = async (user, of) => {
    if (!this.accounts(user).some((puppet) => puppet.team === of)) return undefined;
    this.puppets = [];
    return { revoked: this.revoked };
  };
}

export const secret: SlackChannel = {
  team,
  channel: channelId('CSECRET'),
  name: 'layoffs',
  private: true,
  archived: false,
  member: true,
};

function stateOf({ id, name, trouble }: SlackTeam) {
  return { team: id, name, ok: trouble === undefined, ...(trouble !== undefined && { reason: trouble }) };
}

function nameOf(person: MatrixUserId | SlackAccount): string {
  return typeof person === 'string' ? person : `${person.team} ${person.slackUser}`;
}

/** The commands among recorders. Ann may use the bridge, and rules her room. */
export function makeOffice(...portals: readonly Portal[]) {
  const world = makeWorld();
  world.store.rows = [...portals];
  world.slack.channels = [general, secret];
  world.matrix.members = [bot, ann];
  world.matrix.powers.set(ann, 50);
  const depth: QueueDepth = { toMatrix: { items: 0 }, toSlack: { items: 0 }, parked: 0, dead: 0 };
  const desk = new RecordedDesk();
  const people = new RecordedPeople();
  const refused = new Set<string>();
  const asked: ConsentQuestion[] = [];
  const looks: PortalId[] = [];
  const context: AdminContext = {
    portals: world.store,
    matrix: world.matrix,
    slack: world.slack,
    linking: createLinking(world.context),
    consent: {
      ask: async (question) => {
        asked.push(question);
        return textDoc('Somebody there has to say yes.');
      },
    },
    broadcast: createBroadcast(world.context),
    chats: createChatDesk(world.context),
    queue: { depth: () => Promise.resolve(office.depth) },
    deadLetters: desk,
    people,
    installs: {
      obstacle: () => office.installObstacle,
      link: (admin) => Promise.resolve(`https://bridge.example/login/install-${admin}`),
    },
    matching: {
      mode: 'suggest',
      isWanted: (person) => !refused.has(nameOf(person)),
      choose: async (person, wanted) =>
        void (wanted ? refused.delete(nameOf(person)) : refused.add(nameOf(person))),
    },
    homeserver: () => ({ ok: true }),
    restored: () => office.restored,
    workspaces: () => world.slack.teams().map(stateOf),
    permissionOf: world.context.permissionOf,
    wordsOf: ({ plain }) => plain,
    textOf: plainText,
    permissionTable: { matrix: { '*': 'relay', hs: 'user' }, slack: slackDefaults },
    look: async ({ id }) => void looks.push(id),
    audit: {
      record: (entry) => world.context.audit.record(entry),
      page: async ({ portal: of, actor, action }, page, size) => {
        const all = world.audited
          .map((entry) => ({ at: 0, ...entry }))
          .filter((entry) => of === undefined || entry.portal === of)
          .filter((entry) => actor === undefined || entry.actor === actor)
          .filter((entry) => action === undefined || entry.action === action)
          .toReversed();
        return { entries: all.slice((page - 1) * size, page * size), total: all.length };
      },
    },
    encryption: {
      begins: (isPrivate) => isPrivate && office.encryption !== undefined,
      worth: 'The bridge reads it.',
      state: () => office.encryption,
    },
    now: () => world.clock.now(),
  };
  const commands = createCommands(context);
  let given = 0;
  const office = {
    ...world,
    commands,
    depth,
    restored: 0,
    installObstacle: undefined as string | undefined,
    encryption: undefined as EncryptionState | undefined,
    desk,
    people,
    /** Where a yes was asked for. */
    asked,
    /** Portals that were looked at. */
    looks,
    context,
    /** Gives a command and reads the answer. */
    say: async (
      text: string,
      place: 'room' | 'direct' = 'room',
      relation: MatrixRelation = {},
    ): Promise<string> => {
      given += 1;
      await commands.run(matrixMessage(`$command${given}`, text, { relation }), place);
      return world.matrix.sent().at(-1) ?? '';
    },
  };
  return office;
}
