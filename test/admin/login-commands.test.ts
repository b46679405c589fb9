import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import type { Puppet } from '../../src/portal/ports.ts';
import { ann, team } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

const slackUser = slackUserId('U1');
const puppet: Puppet = {
  matrixUser: ann,
  team,
  slackUser,
  name: 'Ann Archer',
  scopes: ['chat:write', 'im:history'],
  double: true,
};

test('“login” gives a link in a chat with the bot alone', async () => {
  const { say, people } = makeOffice();
  const answer = await say('login', 'direct');
  assert.match(answer, /https:\/\/bridge\.example\.org\/login\/the-secret/);
  assert.match(answer, /ten minutes[^]*show it to nobody/);
  assert.deepEqual(people.asked, [`link ${ann} ${team}`]);
});

test('“login” in a room gives its link in a chat with the bot alone, or nowhere', async () => {
  const { say, people, matrix } = makeOffice();
  const answer = await say('!slack login');
  assert.match(answer, /sent you the link in a chat with me alone/);
  assert.doesNotMatch(answer, /http/);
  const [told] = matrix.sent();
  assert.match(told ?? '', /login\/the-secret/);
  assert.equal(matrix.effects[0]?.room, '!chat:hs');
  matrix.members = [matrix.bot, ann, matrixUserId('@eve:hs')];
  const refused = await say('!slack login');
  assert.match(refused, /start a chat with me alone/);
  assert.deepEqual(people.asked, [`link ${ann} ${team}`]);
});

test('“login” says what the administrator has to do where accounts can’t be linked', async () => {
  const { say, people } = makeOffice();
  people.hindrance = 'the administrator has to set web.public_url';
  assert.match(await say('login', 'direct'), /has to set web\.public_url/);
  assert.match(await say('whoami', 'direct'), /has to set web\.public_url/);
});

test('“login” asks which workspace where there are several, and knows them by name', async () => {
  const { say, slack, people } = makeOffice();
  const [acme] = slack.teams();
  assert.ok(acme);
  const other = teamId('T2');
  slack.teams = () => [acme, { ...acme, id: other, name: 'Globex' }];
  assert.match(await say('login', 'direct'), /Which workspace\?.*login Globex/);
  await say('login globex', 'direct');
  assert.match(await say('login Globx', 'direct'), /Did you mean “Globex”/);
  assert.deepEqual(people.asked, [`link ${ann} T2`]);
});

test('“login” says so when an account is linked already', async () => {
  const { say, people } = makeOffice();
  people.puppets = [puppet];
  assert.match(await say('login', 'direct'), /linked with Ann Archer there already/);
});

test('a code links only after its person has read whose account it is', async () => {
  const { say, people } = makeOffice();
  people.code = { team, slackUser, name: 'Mallory' };
  const question = await say('login abcd-efgh-jkmn', 'direct');
  assert.match(question, /from the Slack account Mallory \(U1\)[^]*login ABCD-EFGH-JKMN yes/);
  assert.deepEqual(people.asked, []);
  people.redeemed = { type: 'linked', team, name: 'Mallory' };
  assert.match(await say('login abcd-efgh-jkmn yes', 'direct'), /as written by Mallory/);
  assert.deepEqual(people.asked, [`redeem abcd-efgh-jkmn ${ann}`]);
});

test('a code that is none, or whose account is somebody else’s, says what to do', async () => {
  const { say, people } = makeOffice();
  assert.match(await say('login abcd-efgh-jkmn yes', 'direct'), /good for nothing.*begins anew/);
  people.code = { team, slackUser, name: 'Ann' };
  people.redeemed = { type: 'linked-elsewhere', matrixUser: matrixUserId('@eve:example.org') };
  assert.match(await say('login abcd-efgh-jkmn yes', 'direct'), /linked with @eve:example\.org already/);
  assert.match(await say('login Acme yes', 'direct'), /is no code/);
});

test('a code that others can read is void', async () => {
  const { say, people } = makeOffice();
  assert.match(await say('!slack login abcd-efgh-jkmn yes'), /Others can read this code/);
  assert.deepEqual(people.asked, [`void abcd-efgh-jkmn ${ann}`]);
});

test('“logout” ends what is linked, and says what happens now', async () => {
  const { say, people } = makeOffice();
  assert.match(await say('logout', 'direct'), /No Slack account of yours is linked/);
  people.puppets = [puppet];
  assert.match(await say('!slack logout'), /not linked any more[^]*taken back[^]*through my own account/);
  assert.deepEqual(people.puppets, []);
});

test('“logout” says when Slack could not be told, and asks which where there are several', async () => {
  const { say, people } = makeOffice();
  people.puppets = [puppet];
  people.revoked = false;
  assert.match(await say('logout', 'direct'), /remove the bridge’s app/);
  people.puppets = [puppet, { ...puppet, team: teamId('T2') }];
  assert.match(await say('logout', 'direct'), /Which one\?.*T2/);
});

test('“whoami” shows accounts, what they lack, their trouble, and how Matrix shows what they write', async () => {
  const { say, people, clock } = makeOffice();
  assert.match(await say('whoami', 'direct'), /no Slack account of yours is linked[^]*login/);
  people.puppets = [{ ...puppet, since: clock.now() - 3 * 86_400_000 }];
  const well = await say('whoami', 'direct');
  assert.match(well, /Ann Archer in Acme[^]*as written by you[^]*own account[^]*Linked for 3 d/);
  assert.doesNotMatch(well, /didn’t allow/);
  people.puppets = [{ ...puppet, scopes: ['chat:write'], trouble: 'Slack took it back.', double: false }];
  const ill = await say('whoami', 'direct');
  assert.match(ill, /can’t be used now: Slack took it back\.[^]*im:history[^]*you chose so/);
  people.doubles = false;
  assert.match(await say('whoami', 'direct'), /I can’t act as yours/);
});

test('“whoami” tells nothing where others read', async () => {
  const { say, people } = makeOffice();
  people.puppets = [puppet];
  assert.doesNotMatch(await say('!slack whoami'), /Ann Archer/);
});

test('“double” chooses under which account Matrix shows what one writes in Slack, where there is a choice', async () => {
  const { say, people } = makeOffice();
  assert.match(await say('double off', 'direct'), /No Slack account of yours is linked/);
  people.puppets = [puppet];
  assert.match(await say('!slack double off'), /under an account that I keep for you from now on/);
  assert.equal(people.puppets[0]?.double, false);
  assert.match(await say('double on Acme', 'direct'), /by your own account from now on/);
  assert.equal(people.puppets[0]?.double, true);
  assert.match(await say('double perhaps', 'direct'), /can be: on, off/);
  people.doubles = false;
  assert.match(await say('double on', 'direct'), /can’t act as your account/);
});
