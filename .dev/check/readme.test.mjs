import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readConfig } from '../../cloud/src/config/read-config.ts';
import { adapterFactories } from '../../edge/src/adapters/index.ts';
import { runCli } from '../../edge/src/cli/program.ts';
import { loadConfig } from '../../edge/src/config/index.ts';
import { presenceReasons } from '../../shared/src/wire/rows.ts';
import { parseBenchOptions } from '../bench/options.mjs';
import { root } from '../lib/root.mjs';
import { parseOptions } from '../start/options.mjs';
import { links } from './links.mjs';

const docs = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'README.zh-CN.md', ...docs.map((name) => `docs/${name}`)];
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
const exists = (name) => fs.existsSync(path.join(root, name));

/** Lines of fenced code and pieces of inline code, each with its page. */
const code = pages.flatMap((page) => {
  const text = read(page);
  const fenced = [...text.matchAll(/^```(?:sh|bash)?\n([\s\S]*?)^```/gm)].flatMap((match) => match[1].split('\n'));
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1]);
  return [...fenced, ...inline].map((line) => ({ page, line: line.trim() }));
});

const hub = async (argv) => {
  const out = [];
  const plain = (text) => text;
  const style = { good: plain, warn: plain, bad: plain, dim: plain };
  const keep = (text) => void out.push(text);
  const terminal = { out: keep, err: keep, width: undefined, style, now: Date.now };
  const exitCode = await runCli(argv, { signal: new AbortController().signal, env: {}, terminal });
  return { exitCode, text: out.join('\n') };
};

t.test('every npm command on the pages is there, with its options', async (t) => {
  const { scripts } = JSON.parse(read('package.json'));
  const found = code.filter(({ line }) => /^npm (start|test|run )/.test(line));
  t.ok(found.length > 6);
  for (const { page, line } of found) {
    const [, verb, rest = ''] = /^npm (?:run )?(\S+)(?: -- (.*?))?(?:\s{2,}.*)?$/.exec(line) ?? [];
    t.ok(scripts[verb], `${page}: ${line}`);
    const args = rest.split(' ').filter(Boolean);
    if (verb === 'start') t.doesNotThrow(() => parseOptions(args), `${page}: ${line}`);
    if (verb === 'bench') t.doesNotThrow(() => parseBenchOptions(args), `${page}: ${line}`);
  }
});

t.test('every hub command on the pages is in the help, with its options', async (t) => {
  const found = code.filter(({ line }) => /^(?:edge\/bin\/hub\.mjs|hub) [a-z-]/.test(line));
  t.ok(found.length > 20);
  for (const { page, line } of found) {
    const words = line
      .replace(/^\S+ /, '')
      .replace(/--data \S+ /, '')
      .split(/\s+/);
    const global = (await hub(['--help'])).text;
    const names = [];
    let help = global;
    while (words[0] && new RegExp(`^  ${words[0]}\\b`, 'm').test(help.split('Commands:')[1] ?? '')) {
      names.push(words.shift());
      help = (await hub([...names, '--help'])).text;
    }
    t.ok(names.length > 0 || words[0]?.startsWith('--'), `${page}: ${line}`);
    const wantsMore = help.includes('Commands:') && names.length > 0 && words[0] && !words[0].startsWith('-');
    t.notOk(wantsMore, `${page}: ${line} (${words[0]} is no sub-command)`);
    for (const word of words.filter((word) => word.startsWith('-')))
      t.match(`${global}\n${help}`, new RegExp(`(^|\\s)${word}\\b`), `${page}: ${line}`);
  }
});

t.test('the guide for engineers names every hub command, reason and exit code', async (t) => {
  const guide = read('docs/engineer.md');
  const leaves = async (names) => {
    const listed = (await hub([...names, '--help'])).text.split('Commands:')[1]?.split('Exit codes')[0] ?? '';
    const words = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]).filter((word) => word !== 'help');
    if (words.length === 0) return [names.join(' ')];
    return (await Promise.all(words.map((word) => leaves([...names, word])))).flat();
  };
  for (const command of await leaves([])) t.match(guide, new RegExp(`\`hub ${command}\\b`), command);
  const offline = guide.split('## When a device is offline')[1].split('\n## ')[0];
  for (const reason of offline.matchAll(/^\| `([a-z_]+)` \|/gm)) t.ok(presenceReasons.includes(reason[1]), reason[1]);
  const codes = (await hub(['--help'])).text.split('Exit codes: ')[1].trim();
  t.match(guide, `Exit codes: ${codes}`);
});

t.test('the configuration in the guide is one', async (t) => {
  const blocks = [...read('docs/engineer.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]);
  const yaml = blocks.find((block) => /^version: 1\n[\s\S]*^broker:/m.test(block));
  const file = path.join(t.testdir({ 'edge.yaml': yaml }), 'edge.yaml');
  const { adapters } = loadConfig(file, adapterFactories);
  t.ok(adapters.length >= 3);
  t.same(
    adapters.flatMap(({ errors }) => errors),
    [],
  );
});

t.test('programs on the pages are there and know the options given', async (t) => {
  for (const { page, line } of code) {
    const [, file, rest] = /^(?:node )?((?:cloud|edge|simulators)\/dist\/\S+|\.dev\/\S+\.mjs)(.*)$/.exec(line) ?? [];
    if (!file) continue;
    t.ok(exists(file.replace('/dist/', '/src/').replace(/\.js$/, '.ts')) || exists(file), `${page}: ${line}`);
    const args = rest.split(' ').filter(Boolean);
    if (file.startsWith('cloud/')) t.doesNotThrow(() => readConfig(args, {}), `${page}: ${line}`);
    if (file.startsWith('edge/'))
      for (const flag of args.filter((arg) => arg.startsWith('--')))
        t.match(read('edge/src/main.ts'), new RegExp(`\\b${flag.slice(2)}: \\{ type`), `${page}: ${line}`);
  }
});

t.test('files and environment variables on the pages are there', async (t) => {
  const sources = ['.dev', 'cloud/src', 'edge/src', 'shared/src', 'simulators/src'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const all = sources
    .filter((name) => !name.endsWith('readme.test.mjs'))
    .map(read)
    .join('\n');
  for (const { page, line } of code) {
    const file = /^(?:shared|edge|cloud|simulators|firmware-profiles|docs)\/[\w./*-]*$/.exec(line)?.[0];
    // The guide to profiles tells the reader to make acme/th-10.
    if (file && !/\/dist\/|acme\//.test(file)) t.ok(exists(file), `${page}: ${file}`);
    for (const [name] of line.matchAll(/\b(?:HALLHUB|UPDATE)_[A-Z_]+\b|\bDATABASE_URL\b/g))
      t.ok(all.includes(name), `${page}: ${name}`);
  }
  const profiles = read('docs/profiles.md').split('## Examples to copy from')[1].split('\n## ')[0];
  for (const [, name] of profiles.matchAll(/`([a-z0-9-]+\/[a-z0-9-]+)`/g))
    t.ok(exists(`firmware-profiles/${name}.yaml`), name);
});

t.test('both READMEs name the same programs, links and figures', async (t) => {
  const shape = (name) => {
    const text = read(name);
    const block = (match) => match[0].replace(/[^\n -~]+/g, '');
    return {
      shell: [...text.matchAll(/^```sh\n[\s\S]*?^```/gm)].map(block),
      links: links(text)
        .map(({ target }) => target)
        .filter((target) => !target.startsWith('README'))
        // Headings are in the page's own language.
        .map((target) => (target.startsWith('#') ? '#' : target))
        .sort(),
      code: [...new Set([...text.matchAll(/`([ -_a-~]+)`/g)].map((match) => match[1]))].sort(),
    };
  };
  t.same(shape('README.zh-CN.md'), shape('README.md'));
});

t.test('the picture on the first page is one', async (t) => {
  for (const { target } of links(read('README.md')).filter(({ target }) => target.endsWith('.png'))) {
    const bytes = fs.readFileSync(path.join(root, target));
    t.same([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], target);
    t.ok(bytes.length < 500_000, `${target} is small enough for a page`);
  }
});
