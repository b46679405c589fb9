import { CannotBridge } from '../errors.ts';
import { closest } from '../suggest.ts';
import { requireCharge } from './access.ts';
import type { Answer, Request } from './command.ts';
import { portalTitle, findPortal } from './find.ts';
import type { PolicyOption } from './policies.ts';
import { policies, policyData, policyLines } from './policies.ts';
import { bold, bullets, line, reply, withData } from './reply.ts';

/** Changes one choice of a portal; without one it shows them all. */
export async function set(request: Request): Promise<Answer> {
  const { context, asker, args } = request;
  const { policy: name, value } = args;
  const portal = await findPortal(request, args['channel']);
  const title = portalTitle(context, portal);
  if (name === undefined)
    return withData(reply(line(bold(title)), bullets(policyLines(portal.policy).map((each) => [each]))), {
      policies: policyData(portal.policy),
    });
  const option = findOption(name);
  if (value === undefined || !isTaken(option, value.toLowerCase()))
    throw new CannotBridge('bad-value', `${option.name} can be: ${option.values.join(', ')}.`);
  await requireCharge(request, portal);
  const changed = await context.linking.setPolicy(portal, option.change(value.toLowerCase()), asker.name);
  return reply(`${title}: ${option.name} is now ${option.show(changed.policy)} (${option.help}).`);
}

/** Of an option that takes what isn't in its list, the list has words for that. */
function isTaken({ takes, values }: PolicyOption, value: string): boolean {
  return takes ? takes(value) || value === values[0] : values.includes(value);
}

function findOption(name: string): PolicyOption {
  const found = policies.find((option) => option.name === name.toLowerCase());
  if (found) return found;
  const names = policies.map((option) => option.name);
  const meant = closest(name, names);
  const hint = meant === undefined ? `There are: ${names.join(', ')}.` : `Did you mean “${meant}”?`;
  throw new CannotBridge('no-policy', `There is nothing called “${name.slice(0, 40)}” to set. ${hint}`);
}
