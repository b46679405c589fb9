import type { User } from '../model.ts';
import { isAdministrator, isGuest } from '../roles.ts';
import type { World } from '../world.ts';

const IMAGE_SIZES = [24, 32, 48, 72, 192, 512] as const;

/** A user object. `withEmail`: the caller has `users:read.email`. */
export function userShape(world: World, user: User, withEmail: boolean) {
  const offset = timeZoneOffset(user.timeZone, world.clock.now());
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    color: user.color,
    real_name: user.realName,
    tz: user.timeZone,
    tz_label: user.timeZone,
    tz_offset: offset,
    profile: profileShape(world, user, withEmail),
    is_admin: isAdministrator(user),
    is_owner: user.isOwner || user.isPrimaryOwner,
    is_primary_owner: user.isPrimaryOwner,
    is_restricted: isGuest(user),
    is_ultra_restricted: user.isUltraRestricted,
    is_bot: user.bot !== undefined,
    is_app_user: false,
    is_stranger: user.isStranger ? true : undefined,
    updated: user.updated,
    is_email_confirmed: !user.isStranger && user.bot === undefined,
    who_can_share_contact_card: 'EVERYONE',
  };
}

export function profileShape(world: World, user: User, withEmail: boolean) {
  const [firstName = '', ...rest] = user.realName.split(' ');
  return {
    title: user.title,
    phone: '',
    skype: '',
    real_name: user.realName,
    real_name_normalized: plain(user.realName),
    display_name: user.displayName,
    display_name_normalized: plain(user.displayName),
    fields: {},
    status_text: user.statusText,
    status_emoji: user.statusEmoji,
    status_emoji_display_info: [],
    status_expiration: 0,
    status_text_canonical: '',
    avatar_hash: user.avatarHash ?? `g${user.id.slice(-11).toLowerCase()}`,
    api_app_id: user.bot?.appId,
    always_active: user.bot ? true : undefined,
    bot_id: user.bot?.botId,
    email: withEmail && !user.bot ? user.email : undefined,
    first_name: firstName,
    last_name: rest.join(' '),
    ...imagesShape(world, user),
    team: user.teamId,
  };
}

/** Slack always gives a picture: who has none gets a generated one, and no `image_original`. */
function imagesShape(world: World, user: User) {
  const hash = user.avatarHash ?? `default-${user.color}`;
  const image = (size: number | string) => `${world.url}/avatars/${hash}_${size}.png`;
  const [image_24, image_32, image_48, image_72, image_192, image_512] = IMAGE_SIZES.map(image);
  const images = {
    image_24: image_24 ?? '',
    image_32: image_32 ?? '',
    image_48: image_48 ?? '',
    image_72: image_72 ?? '',
    image_192: image_192 ?? '',
    image_512: image_512 ?? '',
  };
  if (user.avatarHash === undefined)
    return { ...images, image_original: undefined, is_custom_image: undefined };
  return { ...images, image_original: image('original'), is_custom_image: true };
}

/** Letters without their accents. */
function plain(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '');
}

const offsetFormats = new Map<string, Intl.DateTimeFormat>();

function timeZoneOffset(timeZone: string, at: number): number {
  let format = offsetFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    offsetFormats.set(timeZone, format);
  }
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
