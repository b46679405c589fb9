import type { Answer, Request } from './command.ts';
import { teamsFor } from './find.ts';
import { bold, bullets, line, link, pageOf, reply, withData } from './reply.ts';
import type { Words } from './reply.ts';

const pageSize = 20;

/** The connected workspaces, and how they fare. */
export function workspaces(request: Request): Answer {
  const { context } = request;
  const open = teamsFor(request);
  const all = context.workspaces().filter(({ team }) => open.includes(team));
  if (all.length === 0) return withData(reply('No workspace is connected.'), { workspaces: [] });
  const { items, foot } = pageOf(request, all, pageSize);
  const lines = items.map(({ team, name, ok, reason }): readonly Words[] => {
    const known = context.slack.team(team);
    const lacks = known?.lacks ?? [];
    return [
      bold(name),
      ` (${team}), `,
      ...(known ? [link(known.url)] : []),
      `: ${ok ? 'fine' : (reason ?? 'out of reach')}; ${linkedIn(request, team)} linked channels`,
      lacks.length > 0 ? `; its app lacks ${lacks.join(', ')}` : '',
    ];
  });
  const data = items.map(({ team, name, ok, reason }) => ({
    team,
    name,
    ok,
    reason,
    linked: linkedIn(request, team),
  }));
  return withData(reply(line(bold('Workspaces')), bullets(lines), ...foot), { workspaces: data });
}

function linkedIn({ context }: Request, team: string): number {
  const portals = context.portals.all().filter(({ kind }) => kind === 'channel');
  return portals.filter(({ channels }) => channels.some((each) => each.team === team)).length;
}
