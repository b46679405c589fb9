import assert from 'node:assert/strict';
import { messageDoc } from '../../../src/format/blocks.ts';
import { collectMentions } from '../../../src/format/doc.ts';
import type { Doc, Mention } from '../../../src/format/doc.ts';
import { parseHtml } from '../../../src/format/html.ts';
import { parseMrkdwn } from '../../../src/format/mrkdwn.ts';
import { isObject } from '../../../src/matrix/json.ts';
import type { Input } from '../corpus.ts';
import { checkDoc } from './check-doc.ts';
import { checkForMatrix } from './check-for-matrix.ts';
import { checkForSlack } from './check-for-slack.ts';

/** The text of a Slack message: mrkdwn, or the fields that hold text. */
export function checkMrkdwn(input: Input): void {
  const doc = slackDoc(input);
  checkDoc(doc);
  checkTypes(doc, ['slack-user', 'slack-channel', 'usergroup', 'everyone']);
  checkForMatrix(doc);
  checkForSlack(doc);
}

/** The HTML of a Matrix message. */
export function checkHtmlText(input: Input): void {
  const doc = parseHtml(textIn(input));
  checkDoc(doc);
  checkTypes(doc, ['matrix-user', 'matrix-room', 'matrix-alias']);
  checkForSlack(doc);
  checkForMatrix(doc);
}

/** Nobody is called in the words of the other network. */
function checkTypes(doc: Doc, types: readonly Mention['type'][]): void {
  for (const { type } of collectMentions(doc)) assert.ok(types.includes(type), `a mention of a ${type}`);
}

function slackDoc(input: Input): Doc {
  if (!('value' in input) || !isObject(input.value)) return parseMrkdwn(textIn(input));
  const { text, blocks, attachments } = input.value;
  return messageDoc({ text, blocks, attachments });
}

function textIn(input: Input): string {
  switch (input.format) {
    case 'text':
      return input.text;
    case 'bytes':
      return input.bytes.toString('utf8');
    case 'json':
    case 'form':
      return typeof input.value === 'string' ? input.value : JSON.stringify(input.value);
  }
}
