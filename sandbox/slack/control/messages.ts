import { z } from 'zod';

import { isDirect } from '../direct.ts';
import * as messages from '../messages.ts';
import type { Channel, Message } from '../model.ts';
import { historyWithMetadata, messageShape } from '../shapes/message.ts';
import { reactionName } from '../text/emoji.ts';
import { mrkdwnBlock, typedText } from '../text/rich-text.ts';
import type { World } from '../world.ts';
import { action, ControlError } from './action.ts';
import { addFile, newFile } from './files.ts';
import { findApp, findChannel, findMessage, findUser } from './find.ts';
import { namesOf } from './names.ts';

const place = { channel: z.string(), thread: z.string().optional(), broadcast: z.boolean().optional() };
const at = { channel: z.string(), ts: z.string() };

export const messageActions = {
  post: action(
    z.strictObject({ ...place, user: z.string(), text: z.string(), files: z.array(newFile).default([]) }),
    ({ world }, input) => {
      const channel = writableChannel(world, input);
      const user = findUser(world, input.user);
      if (isDirect(channel) && !channel.members.has(user.id))
        throw new ControlError(`${user.id} isn't in ${channel.id}.`);
      const files = input.files.map((file) => addFile(world, channel.teamId, user.id, file));
      if (input.text === '' && files.length === 0)
        throw new ControlError('A message needs a text or a file.');
      const { text, blocks } = typedText(input.text, namesOf(world, channel.teamId));
      return posted(world, channel, {
        user: user.id,
        text,
        files,
        byPerson: true,
        blocksFromText: true,
        blocks: blocks.length > 0 ? blocks : undefined,
        threadTs: input.thread,
        broadcast: input.broadcast,
      });
    },
  ),

  postMe: action(
    z.strictObject({ channel: z.string(), user: z.string(), text: z.string().min(1) }),
    ({ world }, input) => {
      const channel = writableChannel(world, input);
      const { text } = typedText(input.text, namesOf(world, channel.teamId));
      return posted(world, channel, { subtype: 'me_message', user: findUser(world, input.user).id, text });
    },
  ),

  postAsApp: action(
    z.strictObject({
      ...place,
      app: z.string().optional(),
      text: z.string().default(''),
      blocks: z.array(z.unknown()).optional(),
      attachments: z.array(z.unknown()).optional(),
      username: z.string().optional(),
      iconUrl: z.string().optional(),
      /** `:name:` */
      iconEmoji: z.string().optional(),
      metadata: z
        .strictObject({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .optional(),
    }),
    ({ world }, input) => {
      const channel = writableChannel(world, input);
      const app = findApp(world, input.app, channel.teamId);
      const identity =
        input.username === undefined
          ? { user: app.botUserId }
          : {
              subtype: 'bot_message',
              username: input.username,
              icons: iconsOf(input),
            };
      const blocks = input.blocks ?? (input.text === '' ? undefined : [mrkdwnBlock(input.text)]);
      return posted(world, channel, {
        botId: app.botId,
        appId: app.id,
        ...identity,
        text: input.text,
        blocks,
        attachments: input.attachments,
        metadata: input.metadata,
        threadTs: input.thread,
        broadcast: input.broadcast,
      });
    },
  ),

  edit: action(
    z.strictObject({
      ...at,
      text: z.string().optional(),
      user: z.string().optional(),
      addFiles: z.array(newFile).default([]),
      removeFiles: z.array(z.string()).default([]),
    }),
    ({ world }, input) => {
      const channel = findChannel(world, input.channel);
      const message = findMessage(channel, input.ts);
      const user = input.user ?? message.user ?? '';
      const names = namesOf(world, channel.teamId);
      const typed = input.text === undefined ? {} : { ...typedText(input.text, names), blocksFromText: true };
      const kept = message.files.filter((id) => !input.removeFiles.includes(id));
      const added = input.addFiles.map((file) => addFile(world, channel.teamId, user, file));
      const edit = { ...typed, files: [...kept, ...added] };
      messages.changeMessage(world, channel, message, edit, user);
      return view(world, channel, message);
    },
  ),

  /** What Slack adds to a message after it looked at a link. */
  unfurl: action(z.strictObject({ ...at, attachments: z.array(z.unknown()) }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    const message = findMessage(channel, input.ts);
    messages.changeMessage(world, channel, message, { attachments: input.attachments });
    return view(world, channel, message);
  }),

  delete: action(z.strictObject(at), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    messages.deleteMessage(world, channel, findMessage(channel, input.ts));
  }),

  react: action(z.strictObject({ ...at, user: z.string(), name: z.string() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    const name = emojiName(world, channel, input.name);
    return {
      changed: messages.addReaction(world, channel, findMessage(channel, input.ts), input.user, name),
    };
  }),
  unreact: action(z.strictObject({ ...at, user: z.string(), name: z.string() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    const name = emojiName(world, channel, input.name);
    return {
      changed: messages.removeReaction(world, channel, findMessage(channel, input.ts), input.user, name),
    };
  }),

  pin: action(z.strictObject({ ...at, user: z.string() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    return { changed: messages.pinMessage(world, channel, findMessage(channel, input.ts), input.user) };
  }),
  unpin: action(z.strictObject({ ...at, user: z.string() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    return { changed: messages.unpinMessage(world, channel, findMessage(channel, input.ts), input.user) };
  }),
};

/** A message as Slack's history shows it, metadata included. */
function view(world: World, channel: Channel, message: Message) {
  return {
    channel: channel.id,
    ts: message.ts,
    message: messageShape(world, channel, message, historyWithMetadata),
  };
}

function posted(world: World, channel: Channel, draft: messages.Draft) {
  return view(world, channel, messages.addMessage(world, channel, draft));
}

function writableChannel(
  world: World,
  input: { readonly channel: string; readonly thread?: string | undefined },
): Channel {
  const channel = findChannel(world, input.channel);
  if (channel.archived) throw new ControlError(`Channel ${channel.id} is archived: unarchive it first.`);
  if (input.thread !== undefined) findMessage(channel, input.thread);
  return channel;
}

function emojiName(world: World, channel: Channel, given: string): string {
  const custom = world.teams.get(channel.teamId)?.emoji ?? new Map<string, string>();
  const name = reactionName(given, custom);
  if (name === undefined)
    throw new ControlError(`There is no emoji "${given}" (give its name without colons).`);
  return name;
}

/** An address outweighs an emoji. */
function iconsOf({ iconUrl, iconEmoji }: { iconUrl?: string | undefined; iconEmoji?: string | undefined }) {
  if (iconUrl !== undefined) return { image_48: iconUrl };
  return iconEmoji === undefined ? undefined : { emoji: iconEmoji };
}
