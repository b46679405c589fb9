import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { authorId, channelId, slackUserId, usergroupId } from '../../src/ids.ts';
import type { SlackPlace } from '../../src/events.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';
import { failNext, newChannel, outgoing } from './support/channel.ts';

let running: RunningAdapter;
const calls: string[] = [];
before(async () => {
  running = await startAdapter({ metrics: { call: (method) => void calls.push(method) } });
});
after(() => running.stop());

test('a usergroup has a name, which is asked for once and again when Slack says that it changed', async () => {
  const { slack, place } = running;
  const { control } = running.sandbox;
  const name = (id: string) => slack.usergroup(place.team, usergroupId(id));
  const { id } = control.createUsergroup({ team: place.team, handle: 'builders', users: [] });
  calls.length = 0;
  assert.equal(await name(id), 'builders');
  assert.equal(await name('S0NOBODY'), undefined);
  const { id: other } = control.createUsergroup({ team: place.team, handle: 'painters', users: [] });
  assert.equal(await name(other), undefined);
  assert.deepEqual(calls, ['usergroups.list']);
  slack.usergroupsChanged(place.team);
  assert.equal(await name(other), 'painters');
});

for (const error of ['missing_scope', 'unknown_method', 'paid_teams_only'])
  test(`usergroups have no names where Slack says ${error}, and it isn’t asked again and again`, async () => {
    const { slack, place } = running;
    const { control } = running.sandbox;
    slack.usergroupsChanged(place.team);
    const match = { method: 'usergroups.list' };
    const rule = control.addFault({ on: 'api', match, fault: { type: 'slack_error', error } });
    calls.length = 0;
    assert.equal(await slack.usergroup(place.team, usergroupId('S1')), undefined);
    assert.equal(await slack.usergroup(place.team, usergroupId('S2')), undefined);
    assert.deepEqual(calls, ['usergroups.list']);
    control.clearFaults({ id: rule.id });
  });

test('a workspace has the picture that it chose, and is asked for once an hour', async () => {
  const { slack, place } = running;
  const { control } = running.sandbox;
  calls.length = 0;
  assert.equal(await slack.teamPicture(place.team), undefined);
  assert.equal(await slack.teamPicture(place.team), undefined);
  assert.deepEqual(calls, ['team.info']);
  control.setTeamIcon({ icon: 'ship' });
  const other = await startAdapter();
  try {
    other.sandbox.control.setTeamIcon({ icon: 'ship' });
    const url = await other.slack.teamPicture(other.place.team);
    assert.match(url ?? '', /ship_230\.png$/);
    assert.equal((await other.slack.picture(url ?? '')).mimetype, 'image/png');
  } finally {
    await other.stop();
  }
});

describe('a profile', () => {
  test('has name and picture, and is asked for once', async () => {
    const { slack, place, user } = running;
    calls.length = 0;
    const [profile] = await Promise.all([
      slack.profile(place.team, slackUserId(user)),
      slack.profile(place.team, slackUserId(user)),
    ]);
    await slack.profile(place.team, slackUserId(user));
    assert.equal(profile.name, 'Ann');
    assert.equal(profile.bot, false);
    assert.match(profile.picture ?? '', /^http/);
    assert.deepEqual(calls, ['users.info']);
  });

  test('that Slack says has changed is the new one', async () => {
    const { slack, place, user } = running;
    const profile = await slack.profile(place.team, slackUserId(user));
    await slack.profileChanged({ ...profile, name: 'Anne' });
    assert.equal((await slack.profile(place.team, slackUserId(user))).name, 'Anne');
  });

  test('of an app is known by its bot', async () => {
    const { slack, place, app } = running;
    const profile = await slack.profile(place.team, authorId(app.botId));
    assert.equal(profile.name, 'Bridge');
    assert.equal(profile.bot, true);
  });

  test('of nobody is refused', async () => {
    const { slack, place } = running;
    await assert.rejects(slack.profile(place.team, slackUserId('U0NOBODY')), (error) => {
      assert.ok(error instanceof CannotBridge);
      assert.equal(error.reason, 'user_not_found');
      return true;
    });
  });

  test('has a picture that can be fetched', async () => {
    const { slack, place, user } = running;
    const { picture } = await slack.profile(place.team, slackUserId(user));
    const { bytes, mimetype } = await slack.picture(picture ?? '');
    assert.equal(mimetype, 'image/png');
    assert.ok(bytes.length > 100);
  });
});

describe('a channel', () => {
  test('is found by name with and without its sign, in any case, and by id', async () => {
    const { slack, place } = running;
    for (const query of ['#town', 'town', ' Town ', place.channel])
      assert.deepEqual(
        (await slack.findChannels(query)).map(({ channel, name, private: hidden, member }) => ({
          channel,
          name,
          hidden,
          member,
        })),
        [{ channel: place.channel, name: 'town', hidden: false, member: true }],
        query,
      );
    assert.deepEqual(await slack.findChannels('#nowhere'), []);
    assert.deepEqual(await slack.findChannels('C0NOWHERE'), []);
  });

  test('that was made a moment ago is found', async () => {
    const { slack, sandbox, place } = running;
    assert.deepEqual(await slack.findChannels('#brand-new'), []);
    const { id } = sandbox.control.createChannel({ name: 'brand-new' });
    assert.equal((await slack.findChannels('#brand-new', place.team))[0]?.channel, id);
  });

  test('that is public can be joined', async () => {
    const { slack, place, sandbox } = running;
    const { id } = sandbox.control.createChannel({ name: 'lonely', withApp: false });
    const lonely: SlackPlace = { ...place, channel: channelId(id) };
    assert.equal((await slack.channel(lonely.team, lonely.channel))?.member, false);
    await slack.join(lonely);
    assert.equal((await slack.channel(lonely.team, lonely.channel))?.member, true);
    await slack.join(lonely);
  });

  test('that is private and without the bot is not there', async () => {
    const { slack, place, sandbox } = running;
    const { id } = sandbox.control.createChannel({ name: 'secret', private: true, withApp: false });
    assert.equal(await slack.channel(place.team, channelId(id)), undefined);
  });

  test('that got another name has it as soon as Slack has said so', async () => {
    const { slack, sandbox, user } = running;
    const place = newChannel(running);
    await slack.channel(place.team, place.channel);
    sandbox.control.rename({ channel: place.channel, user, name: 'renamed' });
    slack.channelChanged(place);
    assert.equal((await slack.channel(place.team, place.channel))?.name, 'renamed');
  });

  test('that is looked at again is asked for alone: what was read of all of them stays', async () => {
    const { slack, place } = running;
    slack.channelChanged(place);
    await slack.listChannels(place.team);
    await slack.channel(place.team, place.channel);
    calls.length = 0;
    slack.forgetChannel(place);
    await slack.channel(place.team, place.channel);
    await slack.channel(place.team, place.channel);
    await slack.listChannels(place.team);
    assert.deepEqual(calls, ['conversations.info']);
  });

  test('is listed, archived or not; a list that a limit ends goes on where it stopped', async () => {
    const { slack, sandbox, user } = running;
    const place = newChannel(running);
    const old = newChannel(running);
    sandbox.control.archive({ channel: old.channel, user });
    slack.channelChanged(place);
    failNext(running, { type: 'rate_limited', retryAfterSeconds: 1 }, { method: 'conversations.list' });
    await assert.rejects(slack.listChannels(place.team), TryLater);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const listed = new Set((await slack.listChannels(place.team)).map((each) => each.channel));
    assert.ok(listed.has(place.channel));
    assert.ok(listed.has(old.channel));
  });
});

test('a permalink is the one that Slack would give', async () => {
  const { slack } = running;
  const place = newChannel(running);
  const root = await slack.post(place, outgoing('root'));
  const reply = await slack.post(place, outgoing('reply', { threadTs: root }));
  const base = `https://example.slack.com/archives/${place.channel}/p`;
  assert.equal(slack.permalink(place, root), `${base}${root.replace('.', '')}`);
  assert.equal(
    slack.permalink(place, reply, root),
    `${base}${reply.replace('.', '')}?thread_ts=${root}&cid=${place.channel}`,
  );
});

test('other bridges in a channel are named, and nothing else is', async () => {
  const { slack, sandbox, place: anywhere } = running;
  const place = newChannel(running);
  const apps = ['Matrix Bridge', 'mautrix', 'Deploy bot', 'Matrixed Reviews'].map((name) =>
    sandbox.control.createApp({ team: anywhere.team, name }),
  );
  for (const app of apps) sandbox.control.postAsApp({ channel: place.channel, app: app.id, text: 'hi' });
  const twin = sandbox.control.createApp({ team: anywhere.team, name: 'Chat' });
  const metadata = { event_type: 'matrix_slack_bridge', event_payload: { k: 'theirs' } };
  sandbox.control.postAsApp({ channel: place.channel, app: twin.id, text: 'hi', metadata });
  await slack.post(place, outgoing('ours'));
  sandbox.control.post({ channel: place.channel, user: running.user, text: 'matrix is nice' });
  assert.deepEqual((await slack.otherBridges(place)).toSorted(), ['Chat', 'Matrix Bridge', 'mautrix']);
});
