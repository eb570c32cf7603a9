import type { CommandModel, ThingModel } from '@hallhub/shared/thing';

/** What the answer to "may it be the same form?" depends on: words and help texts may differ between models. */
const shapeOf = ({ input }: CommandModel): string =>
  JSON.stringify(
    input.map(({ label: _label, description: _description, values, ...field }) => [
      Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)),
      values?.map(({ id }) => id),
    ]),
  );

export interface SharedCommands {
  /** In the first model's words; dangerous where any model says so. */
  commands: CommandModel[];
  /** Of the same name everywhere, but with other fields: one form does not fit them. */
  unlike: CommandModel[];
}

/** The commands that all these models have with the same fields. */
export function sharedCommands(things: readonly ThingModel[]): SharedCommands {
  const [first, ...others] = things;
  const shared: SharedCommands = { commands: [], unlike: [] };
  for (const command of first?.commands ?? []) {
    const all = [command];
    for (const { commands } of others) {
      const same = commands.find(({ id }) => id === command.id);
      if (same) all.push(same);
    }
    if (all.length < things.length) continue;
    const shape = shapeOf(command);
    if (all.some((one) => shapeOf(one) !== shape)) shared.unlike.push(command);
    else {
      const dangerous = all.find((one) => one.dangerous);
      shared.commands.push(dangerous ? { ...command, dangerous: true, confirm: dangerous.confirm } : command);
    }
  }
  return shared;
}
