import { z } from 'zod';

import type { Action, ControlParts } from './action.ts';
import { ControlError } from './action.ts';
import { channelActions } from './channels.ts';
import { fileActions } from './files.ts';
import { interactivityActions } from './interactivity.ts';
import { messageActions } from './messages.ts';
import { peopleActions } from './people.ts';
import { readActions } from './reads.ts';
import { organisationActions } from './organisations.ts';
import { teamActions } from './teams.ts';
import { tokenActions } from './tokens.ts';
import { trafficActions } from './traffic.ts';

const actions = {
  ...teamActions,
  ...organisationActions,
  ...tokenActions,
  ...peopleActions,
  ...channelActions,
  ...messageActions,
  ...fileActions,
  ...interactivityActions,
  ...trafficActions,
  ...readActions,
};

type Actions = typeof actions;

/**
 * The control API as functions: each action of README.md's table by its name, with the same input and result as over
 * HTTP. Wrong input throws a `ControlError` that says what is wrong.
 */
export type Control = {
  readonly [Name in keyof Actions]: Actions[Name] extends Action<infer Schema, infer Result>
    ? (input: z.input<Schema>) => Result
    : never;
};

export function createControl(parts: ControlParts): Control {
  const entries = Object.entries(actions).map(([name, { input, run }]) => [
    name,
    (given: unknown) => {
      // The table pairs each schema with its own `run`; seen as a union of pairs, the compiler can't know it.
      const parsed = input.safeParse(given) as z.ZodSafeParseResult<never>;
      if (!parsed.success) throw new ControlError(`${name}: ${z.prettifyError(parsed.error)}`);
      return run(parts, parsed.data);
    },
  ]);
  // Built from the same table that the type is made of.
  return Object.fromEntries(entries) as Control;
}

/** Runs an action by its name with input from outside; `undefined` when there is no such action. */
export function findAction(control: Control, name: string): ((input: unknown) => unknown) | undefined {
  // Inputs are checked by each action's schema.
  return Object.hasOwn(actions, name)
    ? (control[name as keyof Control] as (input: unknown) => unknown)
    : undefined;
}

/** The names of all actions, for a request that names another. */
export function actionNames(): readonly string[] {
  return Object.keys(actions);
}
