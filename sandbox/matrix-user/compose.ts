import type { Content } from './event.ts';

/** What a person writes: plain, or with HTML beside it. */
export type Written =
  string | { readonly body: string; readonly html: string; readonly mentions?: readonly string[] };

/** An `m.room.message` as Matrix clients write it. */
export function textMessage(written: Written, kind: 'm.text' | 'm.emote' | 'm.notice' = 'm.text'): Content {
  if (typeof written === 'string') return { msgtype: kind, body: written, 'm.mentions': {} };
  return {
    msgtype: kind,
    body: written.body,
    format: 'org.matrix.custom.html',
    formatted_body: written.html,
    'm.mentions': written.mentions ? { user_ids: written.mentions } : {},
  };
}

/** An answer that quotes `target`. */
export function replyTo(target: string, content: Content): Content {
  return { ...content, 'm.relates_to': { 'm.in_reply_to': { event_id: target } } };
}

/** A message in the thread of `root`. `latest` is what clients without threads show it as an answer to. */
export function inThread(root: string, content: Content, latest = root): Content {
  const fallback = { is_falling_back: true, 'm.in_reply_to': { event_id: latest } };
  return { ...content, 'm.relates_to': { rel_type: 'm.thread', event_id: root, ...fallback } };
}

/** The edit that replaces the content of `target`. */
export function editOf(target: string, content: Content): Content {
  const { body } = content;
  const fallback = typeof body === 'string' ? { body: `* ${body}` } : {};
  const relation = { rel_type: 'm.replace', event_id: target };
  return { ...content, ...fallback, 'm.new_content': content, 'm.relates_to': relation };
}

/** @see https://spec.matrix.org/latest/client-server-api/#mreaction */
export function reactionTo(target: string, key: string): Content {
  return { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } };
}
