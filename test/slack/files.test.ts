import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { channelId, fileId, slackUserId, teamId } from '../../src/ids.ts';
import { changeKind, facts } from '../../src/slack/facts.ts';
import { createFileInfo } from '../../src/slack/file-info.ts';
import { slackFile } from '../../src/slack/files.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import { bytes, callback, written } from './support/payloads.ts';
import type { Json } from './support/payloads.ts';

const permalink = 'https://x.slack.com/files/U1/F1/plan.png';
const address = 'https://files.slack.com/files-pri/T1-F1';
const hosted = {
  id: 'F1',
  mode: 'hosted',
  name: 'plan.png',
  title: 'plan.png',
  mimetype: 'image/png',
  size: 12,
  permalink,
  url_private: `${address}/plan.png`,
  url_private_download: `${address}/download/plan.png`,
  file_access: 'visible',
};
const plain = {
  id: 'F1',
  nature: 'file',
  name: 'plan.png',
  size: 12,
  mimetype: 'image/png',
  permalink,
  url: hosted.url_private_download,
};

describe('a file', () => {
  test('has its name, size, type, page and address', () => {
    assert.deepEqual(slackFile(hosted), plain);
    const { url_private_download: _, ...old } = hosted;
    assert.equal(slackFile(old)?.url, hosted.url_private);
    assert.equal(slackFile({ ...hosted, title: 'The plan' })?.title, 'The plan');
  });

  test('that is a picture has its size and Slack’s largest smaller picture up to 800 pixels', () => {
    const sizes = (key: string, width: number, height: number) => ({
      [key]: `https://files.slack.com/${key}`,
      [`${key}_w`]: width,
      [`${key}_h`]: height,
    });
    const small = {
      ...sizes('thumb_64', 64, 64),
      ...sizes('thumb_360', 360, 240),
      ...sizes('thumb_720', 720, 480),
    };
    const large = { ...small, ...sizes('thumb_960', 960, 640), alt_txt: 'a house' };
    assert.deepEqual(slackFile({ ...hosted, ...large, original_w: 1200, original_h: 800 }), {
      ...plain,
      width: 1200,
      height: 800,
      thumbnail: { url: 'https://files.slack.com/thumb_720', width: 720, height: 480 },
      altText: 'a house',
    });
    const turned = slackFile({
      ...hosted,
      ...sizes('thumb_360', 240, 360),
      original_w: '1200',
      original_h: 800,
    });
    assert.deepEqual([turned?.width, turned?.height], [800, 1200]);
  });

  test('that is a voice has its length and how loud it is', () => {
    const clip = { ...hosted, subtype: 'slack_audio', duration_ms: 5210 };
    const voice = slackFile({ ...clip, audio_wave_samples: [1, 20.4, 900, -3, null] });
    assert.deepEqual([voice?.voice, voice?.duration, voice?.waveform], [true, 5210, [1, 20, 100, 0, 0]]);
    assert.equal(slackFile({ ...clip, audio_wave_samples: 'loud' })?.waveform, undefined);
    const film = {
      ...clip,
      subtype: 'slack_video',
      thumb_video: 'https://x/t',
      thumb_video_w: 9,
      thumb_video_h: 8,
    };
    const { voice: none, width, thumbnail } = slackFile(film) ?? {};
    assert.deepEqual([none, width, thumbnail], [undefined, 9, { url: 'https://x/t', width: 9, height: 8 }]);
  });

  test('that is a snippet has its text and language, and says whether that is all', () => {
    const snippet = {
      ...hosted,
      mode: 'snippet',
      filetype: 'sh',
      preview: 'set -e',
      preview_is_truncated: false,
    };
    assert.deepEqual(slackFile(snippet)?.snippet, { language: 'sh', text: 'set -e', whole: true });
    assert.equal(slackFile({ ...snippet, preview_is_truncated: true })?.snippet?.whole, false);
    assert.equal(slackFile({ ...snippet, lines_more: 3 })?.snippet?.whole, false);
    assert.deepEqual(slackFile({ ...snippet, filetype: 'text', lines_more: 3 }, 'all of it')?.snippet, {
      text: 'all of it',
      whole: true,
    });
  });
});

describe('a file of which there is nothing to fetch', () => {
  test('that was deleted is none, and one without an id neither', () => {
    assert.equal(slackFile({ id: 'F1', mode: 'tombstone' }), undefined);
    assert.equal(slackFile({ ...hosted, id: 7 }), undefined);
  });

  test('that has nothing to fetch says what it is', () => {
    const page = { id: 'F1', name: 'Notes', title: 'Our notes', permalink };
    const canvas = { id: 'F1', nature: 'page', name: 'Our notes', permalink };
    assert.deepEqual(slackFile({ ...page, mimetype: 'application/vnd.slack-docs', size: 9 }), canvas);
    for (const mode of ['post', 'space', 'list', 'quip', 'canvas'])
      assert.deepEqual(slackFile({ ...page, mode }), canvas);
    const mail = { from: [{ original: 'Eve <eve@x.org>' }], plain_text: 'As agreed.' };
    assert.deepEqual(slackFile({ ...page, mode: 'email', ...mail }), {
      ...canvas,
      mail: { from: 'Eve <eve@x.org>', text: 'As agreed.' },
    });
    const there = 'https://docs.google.com/d/1';
    const external = {
      ...hosted,
      mode: 'external',
      is_external: true,
      external_type: 'gdrive',
      url_private: there,
    };
    const { id, name } = plain;
    const elsewhere = { id, nature: 'elsewhere', name, service: 'Google Drive', permalink: there };
    assert.deepEqual(slackFile(external), elsewhere);
    const app = { ...external, external_type: 'app', app_name: 'Figma', external_url: 'https://figma.com/1' };
    assert.deepEqual(slackFile(app), { ...elsewhere, service: 'Figma', permalink: 'https://figma.com/1' });
    assert.deepEqual(slackFile({ id: 'F1', mode: 'hidden_by_limit' }), {
      id,
      nature: 'hidden',
      name: 'file',
    });
    for (const untold of [
      { file_access: 'check_file_info' },
      { mode: 'file_access', file_access: 'access_denied' },
    ])
      assert.deepEqual(slackFile({ id: 'F1', ...untold }), { id, nature: 'unknown', name: 'file' });
  });

  test('with odd words in it is read as far as they make sense', () => {
    const odd = {
      ...hosted,
      size: -1,
      mimetype: 5,
      url_private_download: 'javascript:x',
      url_private: '//x',
    };
    const { size: _, mimetype: __, url: ___, ...rest } = plain;
    assert.deepEqual(
      slackFile({ ...odd, original_w: 1e9, original_h: 5, thumb_360: 'https://x', alt_txt: {} }),
      rest,
    );
  });
});

describe('what Slack says of a file when it is asked', () => {
  const place = { team: teamId('T1'), channel: channelId('C1') };
  const ask = (answer: Json) => createFileInfo(async () => answer).fileInfo(place, fileId('F1'));

  test('is the file, and all of a short text', async () => {
    assert.deepEqual(await ask({ file: hosted }), plain);
    const snippet = { ...hosted, mode: 'snippet', preview: 'set', preview_is_truncated: true };
    const whole = await ask({ file: snippet, content: 'set -e', is_truncated: false });
    assert.deepEqual(whole.snippet, { text: 'set -e', whole: true });
    const part = await ask({ file: snippet, content: 'set -e', is_truncated: true });
    assert.deepEqual(part.snippet, { text: 'set', whole: false });
  });

  test('is that it was deleted', async () => {
    await assert.rejects(ask({ file: { id: 'F1', mode: 'tombstone' } }), CannotBridge);
  });
});

describe('a message whose files change', () => {
  const teams = { has: (team: string) => team === 'T1', botOf: () => slackUserId('U0BOT') };
  const change = (message: Json, previous: Json): SlackEvent =>
    slackEvent(
      bytes(
        callback({
          type: 'message',
          subtype: 'message_changed',
          channel: 'C1',
          ts: '1700000009.000900',
          event_ts: '1700000009.000900',
          message,
          previous_message: previous,
        }),
      ),
      teams,
    );
  const before = written('look', { files: [hosted], edited: { user: 'U1', ts: '1700000005.000000' } });
  const gone = { ...before, files: [{ id: 'F1', mode: 'tombstone' }] };

  test('says which were deleted, however Slack shows it as it was before', () => {
    for (const previous of [before, gone]) {
      const event = change(gone, previous);
      assert.ok(event.type === 'edit' && event.only === 'files');
      assert.deepEqual([event.message.files, event.message.gone], [[], ['F1']]);
      assert.equal(event.message.editTs, '1700000005.000000');
    }
  });

  test('says which came', () => {
    const event = change({ ...before, files: [hosted, { ...hosted, id: 'F2' }] }, before);
    assert.ok(event.type === 'edit' && event.only === 'files');
    assert.deepEqual(
      event.message.files.map(({ id }) => id),
      ['F1', 'F2'],
    );
    assert.equal(event.message.gone, undefined);
  });

  test('and that was edited, too, is an edit', () => {
    const event = change({ ...gone, edited: { user: 'U1', ts: '1700000009.000000' } }, before);
    assert.ok(event.type === 'edit' && event.only === undefined);
    assert.deepEqual(event.message.gone, ['F1']);
    const silent = change({ ...gone, text: 'done' }, before);
    assert.ok(silent.type === 'edit' && silent.only === undefined);
  });

  test('is one fact for the same files, whatever is unfurled below', () => {
    const unfurled = { ...gone, attachments: [{ title: 'x' }] };
    assert.equal(changeKind(unfurled, gone), 'files');
    assert.equal(facts.files('1.000100', unfurled), facts.files('1.000100', gone));
    assert.notEqual(facts.files('1.000100', before), facts.files('1.000100', gone));
    assert.equal(changeKind({ ...before, attachments: [{ title: 'x' }] }, before), 'other');
  });
});
