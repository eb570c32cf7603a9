import fs from 'node:fs';
import path from 'node:path';

/** Checks relative links and pictures of every Markdown file: the target exists, and so does its heading. */
export function checkLinks(root, files) {
  const problems = [];
  const headings = new Map();
  const anchorsOf = (file) => {
    if (!headings.has(file)) headings.set(file, anchors(fs.readFileSync(file, 'utf8')));
    return headings.get(file);
  };
  for (const name of files.filter((file) => file.endsWith('.md'))) {
    const full = path.join(root, name);
    for (const { target, line } of links(fs.readFileSync(full, 'utf8'))) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      const [file, anchor] = target.split('#');
      const aim = file === '' ? full : path.resolve(path.dirname(full), decodeURIComponent(file));
      if (!aim.startsWith(root)) problems.push(`${name}:${line}: ${target} leads out of the repository`);
      else if (!fs.existsSync(aim)) problems.push(`${name}:${line}: ${target} does not exist`);
      else if (anchor && aim.endsWith('.md') && !anchorsOf(aim).has(decodeURIComponent(anchor).toLowerCase())) {
        problems.push(`${name}:${line}: ${target} names a heading that is not there`);
      }
    }
  }
  return problems;
}

/** Link targets outside code, with their lines. */
export function links(text) {
  const found = [];
  proseLines(text).forEach((line, index) => {
    const prose = line.replace(/`[^`]*`/g, '');
    for (const match of prose.matchAll(/!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g))
      found.push({ target: match[1], line: index + 1 });
    for (const match of prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/g)) found.push({ target: match[1], line: index + 1 });
    for (const match of prose.matchAll(/<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="([^"]+)"/g))
      found.push({ target: match[1], line: index + 1 });
  });
  return found;
}

/** The anchors a forge makes of headings, the second of a name with -1 and so on. */
export function anchors(text) {
  const seen = new Map();
  const result = new Set();
  for (const line of proseLines(text)) {
    for (const match of line.matchAll(/\b(?:id|name)="([^"]+)"/g)) result.add(match[1].toLowerCase());
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const bare = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = bare
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    result.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return result;
}

/** The text's lines with those of fenced code emptied, so that line numbers stay. */
function proseLines(text) {
  let fence;
  return text.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence)) fence = undefined;
      return '';
    }
    if (mark) {
      fence = mark;
      return '';
    }
    return line;
  });
}
