import fs from 'node:fs';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';

const BEGIN = '<!-- bench table: written by npm run bench -- --markdown -->';
const END = '<!-- end of bench table -->';

const aimText = ({ aim, unit }) => {
  if (!aim) return '';
  return 'atLeast' in aim ? `≥ ${aim.atLeast} ${unit}` : `≤ ${aim.atMost} ${unit}`;
};

const isMet = ({ aim, value }) => value !== null && ('atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost);

const valueText = (figure) =>
  figure.shown ?? (figure.value === null ? 'not measured' : `${figure.value.toLocaleString('en-US')} ${figure.unit}`);

const verdict = (figure) => (figure.aim ? (isMet(figure) ? 'met' : 'missed') : '');

export const jsonOf = (run) => JSON.stringify(run, null, 2);

const percent = (share) => `${Math.round(share * 100)} %`;

const conditions = (run) =>
  `${run.at.slice(0, 16).replace('T', ' ')} UTC, commit ${run.commit}, ${run.cpu}, ${run.memoryGiB} GiB, ${run.system}, Node ${run.node}` +
  (run.quick ? ', quick rounds' : '');

export function linesOf(run) {
  const lines = [conditions(run)];
  for (const bench of run.benches) {
    lines.push(
      '',
      `${bench.name}  (${bench.seconds} s; other programs took ${percent(bench.othersShare)} of the machine)`,
    );
    if (bench.error) lines.push(`  failed: ${bench.error}`);
    const rows = bench.figures.map((figure) => [valueText(figure), figure.what, aimText(figure), verdict(figure)]);
    const width = Math.max(0, ...rows.map(([value]) => value.length));
    for (const [i, [value, what, aim, met]] of rows.entries()) {
      lines.push(`  ${value.padStart(width)}  ${what}${aim ? `  (aim ${aim}: ${met})` : ''}`);
      lines.push(`  ${' '.repeat(width)}  ${bench.figures[i].detail}`);
    }
  }
  return lines;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function markdownOf(run) {
  const lines = [
    `${conditions(run)}.`,
    '',
    '| Bench | Figure | Aim | | Of what, and what bounds it | Others |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const bench of run.benches) {
    const others = percent(bench.othersShare);
    for (const figure of bench.figures) {
      const cells = [
        ...[`${bench.name}: ${figure.what}`, `**${valueText(figure)}**`, aimText(figure), verdict(figure)],
        ...[figure.detail, others],
      ];
      lines.push(`| ${cells.map(cell).join(' | ')} |`);
    }
    if (bench.error) lines.push(`| ${bench.name} | failed | | | ${cell(bench.error.slice(0, 200))} | ${others} |`);
  }
  return lines.join('\n');
}

/** Replaces what stands between the markers; everything else on the page is written by people. */
export function writeMarkdown({ root, run, file = 'docs/benchmarks.md' }) {
  const page = path.join(root, file);
  const text = fs.readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) {
    throw new Failure(`${file} has no place for the table.`, { hint: `It stands between "${BEGIN}" and "${END}".` });
  }
  fs.writeFileSync(page, `${text.slice(0, from + BEGIN.length)}\n${markdownOf(run)}\n${text.slice(to)}`);
}
