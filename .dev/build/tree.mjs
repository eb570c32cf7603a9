import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Compares a folder with what was recorded of it: `files` is the new record (path -> [mtimeMs, size, hash]). A file with
 * the recorded time and size is not read; one with another time but the same bytes has not changed.
 */
export function diffTree(folder, recorded, { skip = () => false, ignoreFolders = [] } = {}) {
  const files = {};
  const changed = [];
  for (const file of listFiles(folder, ignoreFolders)) {
    if (skip(file)) continue;
    const full = path.join(folder, file);
    const { mtimeMs, size } = fs.statSync(full);
    const old = recorded[file];
    if (old && old[0] === mtimeMs && old[1] === size) {
      files[file] = old;
      continue;
    }
    const hash = crypto.createHash('sha256').update(fs.readFileSync(full)).digest('base64url');
    files[file] = [mtimeMs, size, hash];
    if (old?.[2] !== hash) changed.push(file);
  }
  const removed = Object.keys(recorded).filter((file) => !(file in files));
  return { files, changed, removed };
}

/** Every file below a folder, as sorted relative paths with forward slashes. */
export function listFiles(folder, ignoreFolders = []) {
  const found = [];
  const walk = (relative) => {
    const entries = fs.readdirSync(path.join(folder, relative), { withFileTypes: true });
    for (const entry of entries) {
      const name = relative ? `${relative}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        if (!ignoreFolders.includes(entry.name)) walk(name);
      } else if (entry.isFile()) {
        found.push(name);
      }
    }
  };
  if (fs.existsSync(folder)) walk('');
  return found.sort();
}

/** Reads a record; one that another tool version wrote, or that is damaged, counts as empty. */
export function readManifest(file, version) {
  try {
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (manifest.version === version && manifest.files) return { files: manifest.files };
  } catch (error) {
    if (error.code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  return { files: {} };
}

/** Writes a record whole or not at all. */
export function writeManifest(file, version, files) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, JSON.stringify({ version, files }));
  fs.renameSync(temporary, file);
}
