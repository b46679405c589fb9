import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { topicContent } from '../../src/matrix/topic.ts';

test('a topic is text for all clients, and its form for those that show it', () => {
  assert.deepEqual(topicContent(parseMrkdwn('Ships &amp; tides')), { topic: 'Ships & tides' });
  const topic = 'tides (https://harbour.example)';
  const body = '<a href="https://harbour.example">tides</a>';
  assert.deepEqual(topicContent(parseMrkdwn('<https://harbour.example|tides>')), {
    topic,
    'm.topic': { 'm.text': [{ mimetype: 'text/html', body }, { body: topic }] },
  });
});
