import t from 'tap';
import { HELP, parseOptions, SIMULATORS } from './options.mjs';

const parse = (...args) => parseOptions(args, { cwd: '/here', root: '/clone' });

t.test('without options everything runs on the default ports, in the clone’s data folder', async (t) => {
  t.match(parse(), {
    port: 8080,
    mqttPort: 18830,
    edgePort: 1883,
    data: '/clone/data',
    json: false,
    devices: SIMULATORS,
    parts: { cloud: true, simulators: true, edge: true },
    fixedPorts: { mqtt: false, edge: false },
  });
});

t.test(
  'values come after a space or an equals sign; a relative folder is meant from where the person stands',
  async (t) => {
    t.match(parse('--port', '9000', '--data=a b', '--seed', '7'), { port: 9000, data: '/here/a b', seed: 7 });
    t.match(parse('--edge-port', '2000'), { edgePort: 2000, fixedPorts: { edge: true } });
    t.same(parse('--devices', 'camera,evaluator').devices, ['camera', 'evaluator']);
  },
);

t.test('parts are switched off one by one or all but some', async (t) => {
  t.same(parse('--no-cloud').parts, { cloud: false, simulators: true, edge: true });
  t.same(parse('--only', 'cloud').parts, { cloud: true, simulators: false, edge: false });
  t.same(parse('--only=cloud,edge', '--no-edge').parts, { cloud: true, simulators: false, edge: false });
  t.throws(() => parse('--only', 'cloud', '--no-cloud'), /Nothing is left to run/);
});

t.test('the hall is small, full, or devices of given profiles', async (t) => {
  t.match(parse(), { hall: 'small', profiles: undefined, count: undefined });
  t.match(parse('--hall', 'full'), { hall: 'full' });
  t.match(parse('--profile', 'acme/th-10, acme/th-20', '--count', '3', '--faults', 'th-10=unplug'), {
    hall: undefined,
    profiles: ['acme/th-10', 'acme/th-20'],
    count: 3,
    faults: 'th-10=unplug',
  });
});

t.test('every wrong option is named, with the one that was probably meant', async (t) => {
  const wrong = [
    [['--prot', '1'], /Unknown option: --prot/, /Did you mean --port\?/],
    [['--no-simulator'], /Unknown option/, /Did you mean --no-simulators\?/],
    [['start'], /Unexpected argument: start/, /--help/],
    [['--port', '0'], /port from 1 to 65535, not "0"/, /--help/],
    [['--port', '8e3'], /not "8e3"/, /--help/],
    [['--port'], /--port needs a value/, /--help/],
    [['--port', '--json'], /--port needs a value/, /--help/],
    [['--json=1'], /--json takes no value/, /--help/],
    [['--devices', 'kamera'], /knows no "kamera"/, /Did you mean camera\?/],
    [['--hall', 'ful'], /knows no "ful"/, /Did you mean full\?/],
    [['--hall', 'full', '--profile', 'a/b'], /exclude each other/, /--help/],
    [['--profile', 'th-10'], /wants vendor\/model/, /--help/],
    [['--count', '2'], /belongs to --profile/, /--help/],
    [['--profile', 'a/b', '--count', '0'], /from 1 to 999/, /--help/],
    [['--seed', '-1'], /whole number/, /--help/],
    [['--port', '1883'], /same port/, /--help/],
  ];
  for (const [args, message, hint] of wrong)
    t.throws(() => parse(...args), { message, hint, exitCode: 2 }, args.join(' '));
});

t.test('the help fits a terminal and names every option', async (t) => {
  for (const line of HELP.split('\n')) t.ok(line.length <= 90, line);
  for (const name of [
    'port',
    'data',
    'only',
    'hall',
    'profile',
    'count',
    'faults',
    'no-cloud',
    'no-edge',
    'no-simulators',
    'json',
    'help',
  ])
    t.match(HELP, `--${name}`);
});
