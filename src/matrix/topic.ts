import { plainText } from '../format/doc.ts';
import type { Doc } from '../format/doc.ts';
import { renderHtml } from '../format/html.ts';
import type { JsonObject } from './json.ts';

/**
 * The content of `m.room.topic`. Clients that know `m.topic` show the best form that they can.
 * @see https://spec.matrix.org/latest/client-server-api/#mroomtopic
 */
export function topicContent(doc: Doc): JsonObject {
  const topic = plainText(doc, { spelled: true });
  const { formattedBody } = renderHtml(doc, { room: false });
  if (formattedBody === undefined) return { topic };
  const html = { mimetype: 'text/html', body: formattedBody };
  return { topic, 'm.topic': { 'm.text': [html, { body: topic }] } };
}
