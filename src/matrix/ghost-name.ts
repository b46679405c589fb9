import type { SlackProfile } from '../events.ts';
import { cleanName } from '../format/names.ts';
import type { NameTemplate } from '../name-template.ts';

/** Synapse takes 256 characters; what people see as one can be several. */
const longestName = 250;

/**
 * What a ghost is called. Never empty: where nothing can be shown, the id stands in. An app that is called like a person of
 * its workspace is marked, whatever the template says.
 */
export function ghostName(template: NameTemplate, profile: SlackProfile): string {
  const { id, bot, deactivated, status, namesake } = profile;
  const clean = (value: string | undefined): string | undefined => value && cleanName(value);
  const name = template({
    name: clean(profile.name),
    real_name: clean(profile.realName ?? profile.name),
    username: clean(profile.username),
    title: clean(profile.title),
    org: clean(profile.organisation),
    bot: bot ? appMark : undefined,
    status: clean(status?.emoji),
    deactivated: deactivated ? 'deactivated' : undefined,
  });
  const shown = cleanName(name, Number.MAX_SAFE_INTEGER) || id;
  const marked = namesake === true && !shown.includes(appMark) ? `${shown} (${appMark})` : shown;
  return Array.from(marked).slice(0, longestName).join('');
}

const appMark = 'app';
