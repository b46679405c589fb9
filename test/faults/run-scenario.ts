// A process of its own for one scenario, or one of its steps: `node run-scenario.ts R1 short 4711`. It prints what happens, and sends the figures to
// its parent. Whatever a scenario leaves behind goes with it.
import { scenarios } from './scenarios.ts';
import { randomFrom } from '../support/random.ts';
import type { Size } from './scenario.ts';
import { stepsOf } from './steps.ts';

const [id = '', size = '', seedText = ''] = process.argv.slice(2);
const scenario = scenarios.find((each) => each.id === id);
if (!scenario || !isSize(size)) throw new Error(`There is no scenario ${id} of the size ${size}.`);
const seed = Number(seedText);
const say = (line: string): void => console.error(`  ${id}: ${line}`);
const share = 1 / stepsOf(scenario, size);
const figures = await scenario.run({ size, share, seed, random: randomFrom(seed), say });
if (process.connected) await new Promise((resolve) => process.send?.(figures, undefined, undefined, resolve));
else console.log(JSON.stringify(figures, null, 2));
process.exit();

function isSize(text: string): text is Size {
  return text === 'quick' || text === 'short' || text === 'long';
}
