import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Kept over runs, outside of what is committed: no picture of anybody is. */
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/hallhub-faces', import.meta.url));
const sourceFile = 'dlib_19.24+dfsg.orig.tar.bz2';
const sourceSha256 = '66b4263822a2ff91a3e769e501c7d7927a13089e178c1427ec19cb0475823cf6';
const top = 'dlib-19.24+dfsg/examples';

export interface FacePictures {
  /** By person: pictures in which the face was cut out upright, 150 x 150. */
  readonly people: ReadonlyMap<string, readonly string[]>;
  /** Photographs of several people each, none of them named. */
  readonly groups: readonly string[];
}

/**
 * The labelled faces that a package of this machine's distribution brings: the examples in Debian's source package of dlib, of which
 * its author says that they are in the public domain. HALLHUB_FACES names its folder `examples`, where it lies here already.
 * Throws where it cannot be had.
 */
export const findFacePictures = async (progress: (text: string) => void): Promise<FacePictures> => {
  const folder = process.env.HALLHUB_FACES ?? path.join(cache, top);
  if (!existsSync(folder)) await fetchSource(progress);
  const johns = path.join(folder, 'johns');
  const faces = path.join(folder, 'faces');
  const pictures = (at: string) =>
    readdirSync(at)
      .filter((name) => name.endsWith('.jpg'))
      .sort()
      .map((name) => path.join(at, name));
  return {
    people: new Map(readdirSync(johns).map((name) => [name, pictures(path.join(johns, name))])),
    // The others are one person, one person several times, and dogs.
    groups: pictures(faces).filter((file) => /^20\d\d_\d+\.jpg$/.test(path.basename(file))),
  };
};

/** By apt-get, with lists of its own: the machine's are left as they are. 209 MB, once. */
const fetchSource = async (progress: (text: string) => void): Promise<void> => {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, '.work-'));
  try {
    progress('fetching the source package of dlib, 209 MB, once');
    const parts = path.join(work, 'parts');
    mkdirSync(parts);
    mkdirSync(path.join(work, 'lists/partial'), { recursive: true });
    writeSources('/etc/apt/sources.list', path.join(parts, 'main.list'));
    const more = '/etc/apt/sources.list.d';
    for (const name of existsSync(more) ? readdirSync(more) : []) {
      if (/\.(?:list|sources)$/.test(name)) writeSources(path.join(more, name), path.join(parts, name));
    }
    const settings = {
      'Dir::Etc::sourcelist': '/dev/null',
      'Dir::Etc::sourceparts': parts,
      'Dir::State::lists': path.join(work, 'lists'),
      ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    await run('apt-get', [...options, 'update'], { cwd: work });
    await run('apt-get', [...options, 'source', '--download-only', 'dlib=19.24+dfsg-1'], { cwd: work });
    const packed = path.join(work, sourceFile);
    if (createHash('sha256').update(readFileSync(packed)).digest('hex') !== sourceSha256)
      throw new Error(`${sourceFile} is another one than was measured with`);
    await run('tar', ['-xjf', packed, '-C', work, `${top}/johns`, `${top}/faces`]);
    renameSync(path.join(work, path.dirname(top)), path.join(cache, path.dirname(top)));
  } catch (cause) {
    throw new Error(
      `the labelled faces cannot be fetched: ${(cause as Error).message.split('\n')[0]}. HALLHUB_FACES=FOLDER names dlib 19.24's examples folder`,
      { cause },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const writeSources = (from: string, to: string): void => {
  if (!existsSync(from)) return;
  const text = readFileSync(from, 'utf8');
  writeFileSync(to, text.replace(/^Types:.*$/gm, 'Types: deb-src').replace(/^deb(?=\s)/gm, 'deb-src'));
};
