import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * Makes one archive that installs without a network: the production dependencies, what was built, profiles, Node itself, a list
 * of checksums, and install.sh. Run after `node .dev/build.mjs`.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const packages = ['shared', 'cloud', 'edge'];

const fail = (text, hint) => {
  console.error(hint ? `${text}\n${hint}` : text);
  process.exit(1);
};

const { values } = parseArgs({
  options: { out: { type: 'string' }, folder: { type: 'string' }, 'without-node': { type: 'boolean', default: false } },
});

for (const file of ['cloud/dist/main.js', 'edge/dist/main.js', 'cloud/console/dist/index.html']) {
  if (!fs.existsSync(path.join(root, file))) fail(`${file} is missing.`, 'Build first: node .dev/build.mjs');
}

const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const name = `hallhub-${version}-linux-${process.arch}`;
const stage = path.resolve(values.folder ?? path.join(root, 'deploy', 'out', name));
const release = path.join(stage, 'release');
fs.rmSync(stage, { recursive: true, force: true });
fs.mkdirSync(release, { recursive: true });

/** Every package that runs in production, from pnpm's own tree: a real folder each, links between them kept. */
const copied = new Set();
const store = path.join(root, 'node_modules', '.pnpm');

const copyTree = (from, to) =>
  fs.cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !/\/(\.cache|\.vite)$/.test(source),
  });

/** The folder `node_modules/.pnpm/<key>` of a package that `from` depends on, or undefined where it is not installed. */
const resolveIn = (folder, dependency) => {
  const link = path.join(folder, dependency);
  return fs.existsSync(link) ? fs.realpathSync(link) : undefined;
};

const keyOf = (real) => path.relative(store, real).split(path.sep)[0];

const addClosure = (real) => {
  const key = keyOf(real);
  if (key.startsWith('..') || copied.has(key)) return;
  copied.add(key);
  const modules = path.join(store, key, 'node_modules');
  copyTree(modules, path.join(release, 'node_modules', '.pnpm', key, 'node_modules'));
  for (const entry of fs.readdirSync(modules)) {
    const names = entry.startsWith('@')
      ? fs.readdirSync(path.join(modules, entry)).map((one) => `${entry}/${one}`)
      : [entry];
    for (const one of names) {
      const found = resolveIn(modules, one);
      if (found) addClosure(found);
    }
  }
};

for (const one of packages) {
  const from = path.join(root, one);
  const to = path.join(release, one);
  const manifest = JSON.parse(fs.readFileSync(path.join(from, 'package.json'), 'utf8'));
  fs.mkdirSync(path.join(to, 'node_modules'), { recursive: true });
  const { devDependencies: _, ...shipped } = manifest;
  fs.writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(shipped, null, 2)}\n`);
  copyTree(path.join(from, 'dist'), path.join(to, 'dist'));
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const link = path.join(to, 'node_modules', dependency);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    const real = resolveIn(path.join(from, 'node_modules'), dependency);
    if (!real) {
      if (manifest.optionalDependencies?.[dependency]) continue;
      fail(`${one} depends on ${dependency}, which is not installed.`, 'Set up first: node .dev/setup.mjs');
    }
    const own = packages.find((name) => real === path.join(root, name));
    const target = own
      ? path.join(release, own)
      : path.join(release, 'node_modules', '.pnpm', path.relative(store, real));
    fs.symlinkSync(path.relative(path.dirname(link), target), link);
    if (!own) addClosure(real);
  }
}

copyTree(path.join(root, 'cloud/console/dist'), path.join(release, 'cloud/console/dist'));
if (!fs.existsSync(path.join(release, 'cloud/dist/db/migrations'))) {
  copyTree(path.join(root, 'cloud/src/db/migrations'), path.join(release, 'cloud/dist/db/migrations'));
}
for (const folder of ['firmware-profiles', 'docs', 'edge/bin', 'edge/models']) {
  if (fs.existsSync(path.join(root, folder))) copyTree(path.join(root, folder), path.join(release, folder));
}
copyTree(path.join(root, 'deploy/systemd'), path.join(release, 'systemd'));
fs.writeFileSync(
  path.join(release, 'package.json'),
  `${JSON.stringify({ name: 'hallhub', version, private: true, type: 'module' })}\n`,
);
if (!values['without-node']) {
  fs.mkdirSync(path.join(release, 'node/bin'), { recursive: true });
  fs.copyFileSync(process.execPath, path.join(release, 'node/bin/node'));
  fs.chmodSync(path.join(release, 'node/bin/node'), 0o755);
}
for (const file of ['LICENSE', 'deploy/install.sh'])
  fs.copyFileSync(path.join(root, file), path.join(stage, path.basename(file)));
fs.chmodSync(path.join(stage, 'install.sh'), 0o755);
fs.writeFileSync(path.join(stage, 'VERSION'), `${version}\n`);

const files = fs
  .readdirSync(stage, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(stage, path.join(entry.parentPath, entry.name)))
  .filter((file) => file !== 'SHA256SUMS')
  .sort();
const sum = (file) =>
  createHash('sha256')
    .update(fs.readFileSync(path.join(stage, file)))
    .digest('hex');
fs.writeFileSync(path.join(stage, 'SHA256SUMS'), files.map((file) => `${sum(file)}  ${file}\n`).join(''));

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
if (values.folder) {
  console.log(`${stage}: ${files.length} files, ${copied.size} packages`);
} else {
  const out = path.resolve(values.out ?? path.join(root, 'deploy', 'out', `${name}.tar.gz`));
  const tar = spawnSync(
    'tar',
    ['--owner=0', '--group=0', '-C', path.dirname(stage), '-czf', out, path.basename(stage)],
    {
      stdio: 'inherit',
    },
  );
  if (tar.status !== 0) fail('tar failed.');
  fs.rmSync(stage, { recursive: true, force: true });
  console.log(`${out}: ${mib(fs.statSync(out).size)}, ${files.length} files, ${copied.size} packages`);
}
