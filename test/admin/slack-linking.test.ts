import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackUserId } from '../../src/ids.ts';
import type { Permission, SlackRole } from '../../src/portal/ports.ts';
import { ann, general, portal, room } from '../portal/support/world.ts';
import { makeSlackOffice, zoe } from './slack-office.ts';

const roles: readonly SlackRole[] = ['owner', 'admin', 'member', 'guest', 'stranger'];
const permissions: readonly (Permission | undefined)[] = [undefined, 'none', 'relay', 'user', 'admin'];

/** Zoe in Slack as she may be, with the Matrix permission and power of the account that she linked, if she did. */
interface Case {
  readonly role: SlackRole;
  readonly isCreator: boolean;
  readonly isMember: boolean;
  readonly isPrivate: boolean;
  readonly permission: Permission | undefined;
  readonly power: number;
}

function cases(): readonly Case[] {
  const yesNo = [true, false];
  return roles.flatMap((role) =>
    yesNo.flatMap((isCreator) =>
      yesNo.flatMap((isMember) =>
        yesNo.flatMap((isPrivate) =>
          permissions.flatMap((permission) =>
            (permission === undefined ? [0] : [0, 50]).map((power) => ({
              role,
              isCreator,
              isMember,
              isPrivate,
              permission,
              power,
            })),
          ),
        ),
      ),
    ),
  );
}

function officeFor(
  { role, isCreator, isMember, isPrivate, permission, power }: Case,
  ...linked: (typeof portal)[]
) {
  const office = makeSlackOffice({}, ...linked);
  office.slack.roles.set(zoe, role);
  const creator = isCreator ? zoe : slackUserId('UELSE');
  office.slack.channels = [{ ...general, private: isPrivate, creator }];
  office.slack.people = isMember ? [zoe] : [];
  if (permission !== undefined) {
    office.linkZoe();
    office.permissions.set(ann, permission);
  }
  office.matrix.powers.set(ann, power);
  return office;
}

/** What the rules say, in other words than the code has. */
function mayGive({ role, permission }: Case): boolean {
  const isColleague = role === 'owner' || role === 'admin' || role === 'member';
  return isColleague || permission === 'user' || permission === 'admin';
}
function hasSlackSay({ role, isCreator, permission }: Case): boolean {
  return role === 'owner' || role === 'admin' || isCreator || permission === 'admin';
}
function hasMatrixSay({ permission, power }: Case): boolean {
  return power >= 50 && (permission === 'user' || permission === 'admin');
}

test('a room is linked from Slack by who has the say on both sides; with that of Slack alone the room is asked', async () => {
  let linked = 0;
  for (const each of cases().filter(({ isMember }) => isMember)) {
    const office = officeFor(each);
    const answer = await office.slash(`link ${room}`);
    const told = `${JSON.stringify(each)}: ${answer}`;
    const isAllowed = mayGive(each) && hasSlackSay(each);
    assert.equal(office.store.byRoom(room) !== undefined, isAllowed && hasMatrixSay(each), told);
    assert.equal(office.asked.length === 1, isAllowed && !hasMatrixSay(each), told);
    if (office.store.byRoom(room)) linked += 1;
  }
  assert.ok(linked > 10);
});

test('a link is ended, changed and seen from elsewhere in Slack by whom the rules let, and nobody else', async () => {
  const elsewhere = { channel: { ...general }.channel.replace('C1', 'C2') as typeof general.channel };
  for (const each of cases()) {
    const office = officeFor(each, portal);
    office.matrix.members = each.permission === undefined ? [] : [ann];
    const told = JSON.stringify(each);
    const sees = !each.isPrivate || each.isMember || each.permission !== undefined;
    const mayChange = mayGive(each) && sees && (hasSlackSay(each) || hasMatrixSay(each));
    await office.slash('set bots off #general', elsewhere);
    assert.equal(office.store.byRoom(room)?.policy.bots, !mayChange, told);
    const shown = await office.slash('status #general', elsewhere);
    assert.equal(/#general in Acme: live/.test(shown), mayGive(each) && sees, `${told}: ${shown}`);
    assert.match(await office.slash('unlink #general', elsewhere), mayChange ? /unlink #general yes/ : /./);
    assert.ok(office.store.byRoom(room), told);
    await office.slash('unlink #general yes', elsewhere);
    assert.equal(office.store.byRoom(room) === undefined, mayChange, told);
  }
});

test('without a room a new one is made and the asker invited, who has to have a Matrix account', async () => {
  const office = makeSlackOffice({});
  office.slack.roles.set(zoe, 'admin');
  assert.match(await office.slash('link'), /link it with “\/matrix login” first/);
  assert.deepEqual(office.matrix.of('create'), []);
  office.linkZoe();
  assert.match(await office.slash('link'), /I made the room #general and invited you/);
  assert.deepEqual(
    office.matrix.of('create').map(({ text }) => text),
    ['#general for @ann:hs'],
  );
  assert.deepEqual(
    office.audited.map(({ actor, action }) => `${actor} ${action}`),
    ['slack:T1/UZOE link'],
  );
  assert.match(await office.slash('link'), /linked already, to #general in Matrix/);
});

test('what can’t be linked from Slack says why', async () => {
  const office = makeSlackOffice({ U0: 'none' });
  office.slack.roles.set(zoe, 'owner');
  assert.match(await office.slash('link #nowhere:hs'), /leads to no room that I know/);
  office.matrix.joined = false;
  assert.match(await office.slash(`link ${room}`), /not in that room.*invite me there first: @slackbot:hs/);
  office.matrix.joined = true;
  office.slack.channels = [];
  assert.match(await office.slash('link'), /Say this in the channel that you mean/);
  assert.match(await office.slash(`link ${room} now please`), /too much: \/matrix link/);
  assert.match(await office.slash(`link ${room} now`), /“now” can't be read/);
});

test('the configuration says otherwise, by role, usergroup and person: the closest counts', async () => {
  for (const [rules, groups, says] of [
    [{ admin: 'user' }, [], 'refused'],
    [{ member: 'manager' }, [], 'refused'], // she is an admin, not only a member
    [{ admin: 'none', SOPS: 'manager' }, ['SOPS'], 'asked'],
    [{ admin: 'none', SOPS: 'manager' }, [], 'refused'],
    [{ SOPS: 'none', SALL: 'manager' }, ['SOPS', 'SALL'], 'asked'],
    [{ SOPS: 'manager', UZOE: 'none' }, ['SOPS'], 'refused'],
    [{ admin: 'none', UZOE: 'admin' }, [], 'asked'],
  ] as const) {
    const office = makeSlackOffice(rules);
    office.slack.roles.set(zoe, 'admin');
    for (const group of groups) office.slack.groups.set(group, [zoe]);
    if ('member' in rules) office.slack.roles.set(zoe, 'guest');
    await office.slash(`link ${room}`);
    assert.equal(office.asked.length > 0 ? 'asked' : 'refused', says, JSON.stringify(rules));
  }
});
