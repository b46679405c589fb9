import type { Control } from './control/control.ts';

/** A small workspace to look at: three people, three channels and a thread. Does nothing when there is a team already. */
export function fillDemo(control: Control): void {
  if (control.world({}).teams.length > 0) return;
  control.createTeam({ name: 'Example', domain: 'example' });
  const ann = control.createUser({
    name: 'ann',
    realName: 'Ann Archer',
    displayName: 'Ann',
    email: 'ann@example.com',
  });
  const ben = control.createUser({
    name: 'ben',
    realName: 'Ben Baker',
    displayName: 'ben',
    email: 'ben@example.com',
  });
  const cho = control.createUser({ name: 'cho', realName: 'Cho Carter', email: 'cho@example.com' });
  const everyone = [ann.id, ben.id, cho.id];
  const random = control.createChannel({ name: 'random', members: everyone });
  control.createChannel({ name: 'design', members: everyone });
  control.createChannel({ name: 'board', private: true, members: [ann.id, ben.id], withApp: false });
  control.setTopic({ channel: random.id, user: ann.id, topic: 'Anything at all' });
  const hello = control.post({
    channel: random.id,
    user: ann.id,
    text: 'Hello *everyone*, who is in for lunch? :pizza:',
  });
  control.post({ channel: random.id, user: ben.id, text: 'Count me in', thread: hello.ts });
  control.react({ channel: random.id, ts: hello.ts, user: cho.id, name: '+1' });
  const lake = control.post({
    channel: random.id,
    user: cho.id,
    text: 'From the lake this morning :sunrise:',
    files: [{ name: 'lake.png', altText: 'Hills behind a lake', picture: { width: 1200, height: 800 } }],
  });
  control.post({
    channel: random.id,
    user: ben.id,
    text: 'And from the other side',
    thread: lake.ts,
    files: ['shore', 'hills', 'evening'].map((name) => ({
      name: `${name}.png`,
      picture: { width: 900, height: 700 },
    })),
  });
}
