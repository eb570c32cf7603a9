import { type CommandModel, commandSchema, type ThingModel, thingModelSchema } from '@hallhub/shared/thing';
import t from 'tap';
import { sharedCommands } from './shared-commands.js';

const label = (zh: string) => ({ zh, en: zh });
const command = (id: string, more: object = {}): CommandModel => commandSchema.parse({ id, label: label(id), ...more });
const thing = (...commands: CommandModel[]): ThingModel => thingModelSchema.parse({ commands });
const brightness = (more: object = {}) => ({
  input: [{ id: 'level', label: label('亮度'), type: 'integer', range: [0, 100], ...more }],
});
const ids = (commands: CommandModel[]) => commands.map(({ id }) => id);

t.test('what every model has, with the same fields', async (t) => {
  const one = thing(command('restart'), command('dim', brightness()), command('play'));
  const other = thing(command('dim', brightness({ label: label('明るさ') })), command('restart'));
  t.same(ids(sharedCommands([one, other]).commands), ['restart', 'dim'], 'words may differ');
  t.same(ids(sharedCommands([one]).commands), ['restart', 'dim', 'play']);
  t.same(sharedCommands([]), { commands: [], unlike: [] });
  t.same(sharedCommands([one, thing()]), { commands: [], unlike: [] });
});

t.test('the same name with other fields is no shared command', async (t) => {
  const one = thing(command('dim', brightness()));
  for (const more of [{ range: [0, 63] }, { default: 5 }, { optional: true }, { id: 'value' }]) {
    const { commands, unlike } = sharedCommands([one, thing(command('dim', brightness(more)))]);
    t.same([ids(commands), ids(unlike)], [[], ['dim']], JSON.stringify(more));
  }
  const choice = (...values: string[]) =>
    thing(
      command('show', {
        input: [
          { id: 'page', label: label('页'), type: 'enum', values: values.map((id) => ({ id, label: label(id) })) },
        ],
      }),
    );
  t.same(ids(sharedCommands([choice('a', 'b'), choice('a', 'c')]).unlike), ['show']);
  t.same(ids(sharedCommands([choice('a', 'b'), choice('a', 'b')]).commands), ['show']);
});

t.test('one model that asks is enough to ask', async (t) => {
  const asks = command('restart', { dangerous: true, confirm: label('确定吗？') });
  t.match(sharedCommands([thing(command('restart')), thing(asks)]).commands, [
    { dangerous: true, confirm: { zh: '确定吗？' } },
  ]);
});
