import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { failpointFile } from '../faults/support/failpoint-names.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { shown } from '../support/bridge/slack-side.ts';
import type { SlackPost } from '../support/bridge/slack-side.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('unusual');
const armed = join(folder.path, 'armed');
let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  const environment = { ...process.env, [failpointFile]: armed };
  scene = await startScene({ process: { nodeArguments: ['--conditions=failpoints'], environment } });
  linked = await scene.linkedRoom('town');
});
after(async () => {
  await scene?.close();
  await folder.remove();
});

/** Each `&` takes five characters in Slack: it would take more than ten posts. */
const long = Array.from({ length: 4_000 }, (_, index) => `${index}&&&&&&&`).join(' ');

interface File {
  readonly name: string;
  readonly url_private: string;
  readonly mode: string;
}

/** The posts of the channel that show a file which is there. */
function shares(): readonly (SlackPost & { readonly file: File })[] {
  return scene.slack.posts(linked.channel).flatMap((post) => {
    const [file] = (post.files ?? []) as unknown as readonly File[];
    return file && file.mode !== 'tombstone' ? [{ ...post, file }] : [];
  });
}

async function content({ file }: { readonly file: File }): Promise<string> {
  const headers = { authorization: `Bearer ${scene.slack.app.botToken}` };
  return (await fetch(file.url_private, { headers })).text();
}

test('a text that would take more than ten posts comes as its beginning and a file; both go when it is redacted', async () => {
  const { alice, slack } = scene;
  const event = await alice.say(linked.room, long);
  await slack.waitUntil(linked.channel, () => shares().length === 1);
  const [share] = shares();
  assert.ok(share);
  assert.equal(share.username, 'Alice (Matrix)');
  assert.equal(await content(share), long);
  const post = slack.posts(linked.channel).find((each) => shown(each).startsWith('0&amp;'));
  assert.match(post ? shown(post) : '', /The whole text is in the file\._$/);
  assert.equal(post?.username, 'Alice (Matrix)');
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => posts.every((each) => !shown(each).startsWith('0&amp;')));
  await slack.waitUntil(linked.channel, () => shares().length === 0);
});

test('killed between the file and its commit, the bridge shares it once', async () => {
  const { alice, slack, bridge } = scene;
  await writeFile(armed, 'slack.after:files.completeUploadExternal 1');
  const text = `again ${long}`;
  await alice.say(linked.room, text);
  await bridge.ended();
  await bridge.start();
  await alice.say(linked.room, 'and after it');
  await slack.waitForText(linked.channel, 'and after it', 60_000);
  const [share, ...more] = shares();
  assert.ok(share);
  assert.equal(await content(share), text);
  assert.deepEqual(more, []);
});

test('a place on earth is a link to a map', async () => {
  const { alice, slack } = scene;
  const place = { msgtype: 'm.location', body: 'Big Ben', geo_uri: 'geo:51.5008,-0.1247' };
  await alice.send(linked.room, place);
  const post = await slack.waitForText(linked.channel, /Big Ben/);
  const map = 'https://www.openstreetmap.org/?mlat=51.5008&amp;mlon=-0.1247#map=16/51.5008/-0.1247';
  assert.equal(shown(post), `📍 Big Ben: <${map}|51.5008, -0.1247>`);
});
